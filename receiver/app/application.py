"""The composition root: settings in, an application out; the lifespan owns all that runs."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from receiver.api.access.guard import Guard
from receiver.api.access.rates import sending_rate
from receiver.api.answers.correlator import Correlator
from receiver.api.answers.counting import COUNT_ANSWER, Answers
from receiver.api.answers.errors import LastResort, install_error_handlers
from receiver.api.operations.health import health_router
from receiver.api.operations.scrape import scrape_router
from receiver.api.quarantine.routes import quarantine_router
from receiver.api.questions.devices import devices_router
from receiver.api.questions.events import events_router
from receiver.api.sink.application import Application
from receiver.api.sink.handshake import handshake_router
from receiver.api.sink.openapi import PATH, notifications_router
from receiver.api.sink.reception import Sink
from receiver.api.wire.gathering import SHORT_WAY, ShortWay
from receiver.app.service import Service, now
from receiver.settings.settings import Settings
from receiver.tracing.spans import NoTracing

DESCRIPTION = """
Receives the notifications that mobile operators push about devices (CAMARA Device Status), keeps
each durably, and answers what happened to a device and when.
"""


def create_app(
    settings: Settings, metrics_dir: Path | None = None, tracing: NoTracing | None = None
) -> FastAPI:
    """The application of one process.

    Args:
        metrics_dir: where several processes count together; None: this one counts alone.
        tracing: makes its spans, those of the sink once `around` is put around it.

    Raises:
        ConfigurationError: the settings name no database.
    """
    service = Service(settings, metrics_dir, tracing)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        state: dict[str, object] = {COUNT_ANSWER: service.metrics.count_answer}
        if not service.tracing.watches_sink:
            state[SHORT_WAY] = ShortWay(PATH, sink.awaits, sink.take, sink.answered, sink.failed)
        async with service.open():
            yield state

    guard = Guard(
        service.credentials.remembered,
        service.credentials.find,
        service.credentials.note_use,
        now,
        grace=timedelta(seconds=settings.expired_token_grace),
        note_failure=service.attempts.note_failure,
        count_sent=sending_rate(settings.rate_limit, time.monotonic),
        find_access_token=None if service.access_tokens is None else service.access_tokens.find,
    )
    sink = Sink(
        guard=guard,
        intake=service.intake,
        keep_refused=service.quarantine.keep,
        metrics=service.metrics,
        clock=now,
        body_limit_bytes=settings.body_limit_bytes,
        members_limit=settings.members_limit,
    )
    app = Application(
        path=PATH,
        ahead=sink,
        title="Device Status Receiver",
        description=DESCRIPTION,
        version=version("device-status-receiver"),
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=service.tracing.telemetry,
    )
    app.include_router(notifications_router())
    app.include_router(
        handshake_router(settings.allowed_origins or frozenset(), settings.rate_limit)
    )
    questions: dict[str, Any] = {
        "guard": guard,
        "history": service.history,
        "namespace": service.namespace,
    }
    app.include_router(devices_router(**questions))
    app.include_router(events_router(**questions))
    app.include_router(
        quarantine_router(
            guard=guard, quarantine=service.quarantine, reprocessing=service.reprocessing
        )
    )
    app.include_router(health_router(service.unready_reasons))
    app.include_router(scrape_router(service.scrape))
    install_error_handlers(app)
    app.add_middleware(LastResort)
    app.add_middleware(Answers, count=service.metrics.count_answer)
    app.add_middleware(Correlator)
    service.tracing.correlate(app)
    return app
