"""The routers of every door of the API, made of the parts of a service."""

from collections.abc import Iterator

from fastapi import APIRouter

from receiver.api.access.guard import Guard
from receiver.api.access.sessions import Sessions
from receiver.api.camara.routes import retrieve_routers
from receiver.api.camara.versions import list_versions
from receiver.api.console.routes import console_routers
from receiver.api.erasure.routes import erasure_router
from receiver.api.exports.routes import exports_router
from receiver.api.operations.documentation import documentation_router
from receiver.api.operations.health import health_router
from receiver.api.operations.scrape import scrape_router
from receiver.api.pages import Pages
from receiver.api.quarantine.routes import quarantine_router
from receiver.api.questions.devices import devices_router
from receiver.api.questions.events import events_router
from receiver.api.questions.fleet import fleet_router
from receiver.api.questions.resolving import Resolver
from receiver.api.questions.status import status_router
from receiver.api.questions.stream.routes import stream_router
from receiver.api.questions.summary.routes import summary_router
from receiver.api.senders.routes import senders_router
from receiver.api.sink.handshake import handshake_router
from receiver.api.sink.openapi import notifications_router
from receiver.api.subscriptions.routes import ledger_router, registration_router
from receiver.api.timelines.routes import timelines_router
from receiver.app.service import Service, now
from receiver.settings.settings import Settings


def open_doors(
    service: Service, settings: Settings, guard: Guard, sessions: Sessions
) -> Iterator[APIRouter]:
    """Yields the routers in the order in which a path looks for its route."""
    answering, namespace = service.answering, service.namespace
    history, links, registrations = answering.history, answering.links, answering.registrations
    pages = Pages(settings.page_limit_bytes)
    resolver = Resolver(history, links.identifiers, registrations, namespace)
    yield notifications_router()
    yield handshake_router(settings.allowed_origins or frozenset(), settings.rate_limit)
    yield devices_router(
        guard=guard,
        history=history,
        links=links,
        registrations=registrations,
        resolver=resolver,
    )
    yield erasure_router(guard=guard, eraser=service.eraser, resolver=resolver, namespace=namespace)
    yield fleet_router(
        guard=guard, fleet=answering.fleet, pages=pages, identifiers=links.identifiers
    )
    yield summary_router(guard=guard, counting=answering.fleet_counting)
    yield status_router(guard=guard, statuses=answering.statuses, resolver=resolver)
    yield from retrieve_routers(
        list_versions(settings),
        guard=guard,
        statuses=answering.statuses,
        resolve=resolver.resolve,
        is_last_known_told=settings.retrieve_last_known,
    )
    yield timelines_router(guard=guard, timelines=answering.timelines)
    # Before the events: `export` is no id of one.
    yield exports_router(guard=guard, history=history)
    yield stream_router(guard=guard, live=service.live, noting=service.metrics.streams, clock=now)
    yield events_router(guard=guard, history=history, links=links, pages=pages, namespace=namespace)
    yield ledger_router(guard=guard, ledger=answering.ledger, pages=pages)
    yield registration_router(
        guard=guard,
        ledger=answering.ledger,
        registrations=registrations,
        namespace=namespace,
        clock=now,
    )
    yield quarantine_router(
        guard=guard,
        quarantine=service.quarantine,
        pages=pages,
        reprocessing=service.reprocessing,
    )
    yield senders_router(guard=guard, senders=answering.senders, clock=now)
    yield health_router(service.unready_reasons, service.progress, service.warnings)
    yield scrape_router(service.scrape)
    yield documentation_router()
    if settings.console:
        yield from console_routers(
            guard=guard,
            sessions=sessions,
            note_failure=service.attempts.note_failure,
            clock=now,
            trusted_proxies=settings.trusted_proxies or frozenset(),
        )
