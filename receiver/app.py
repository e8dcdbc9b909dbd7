"""The composition root: settings in, an application out; the lifespan owns all that runs."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI

from receiver.api.access_tokens.access_tokens import AccessTokens
from receiver.api.access_tokens.authorization_server import authorization_server
from receiver.api.answers import COUNT_ANSWER, Answers
from receiver.api.application import Application
from receiver.api.attempts import Attempts
from receiver.api.correlator import Correlator
from receiver.api.devices import devices_router
from receiver.api.errors import LastResort, install_error_handlers
from receiver.api.events import events_router
from receiver.api.handshake import handshake_router
from receiver.api.health import health_router
from receiver.api.notifications import PATH, notifications_router
from receiver.api.quarantine import quarantine_router
from receiver.api.rates import sending_rate
from receiver.api.scrape import Scrape, scrape_router
from receiver.api.security import Guard
from receiver.api.short_way import SHORT_WAY, ShortWay
from receiver.api.sink import Sink
from receiver.errors import Unavailable
from receiver.metrics.metrics import Metrics
from receiver.settings.settings import Settings
from receiver.store.credential_book import CredentialBook
from receiver.store.figures import latest_arrivals, read_figures
from receiver.store.history import History
from receiver.store.partitions import keep_partitions
from receiver.store.readiness import unready_reasons
from receiver.storing import Storing
from receiver.tracing.spans import NoTracing

DESCRIPTION = """
Receives the notifications that mobile operators push about devices (CAMARA Device Status), keeps
each durably, and answers what happened to a device and when.
"""


class Service(Storing):
    """Everything one process runs on, built from its settings and opened by the lifespan."""

    def __init__(
        self, settings: Settings, metrics_dir: Path | None = None, tracing: NoTracing | None = None
    ) -> None:
        self.metrics = Metrics(
            queue_limit_notifications=settings.queue_limit, shared_dir=metrics_dir
        )
        self.tracing = tracing or NoTracing()
        super().__init__(
            settings,
            around_commit=lambda commit: self.tracing.committed(self.metrics.measured(commit)),
            around_submit=self.tracing.submitted,
            queue_is=self.metrics.queue_is,
        )
        self._settings = settings
        self._log = structlog.get_logger(__name__)
        self.credentials = CredentialBook(
            self._engine, trust_seconds=settings.credential_trust_seconds
        )
        self.attempts = Attempts(
            settings.attempts_limit, settings.trusted_proxies or frozenset(), time.monotonic
        )
        self.access_tokens: AccessTokens | None = None
        server = authorization_server(settings)
        if server is not None:
            self.access_tokens = AccessTokens(
                server,
                self.credentials,
                clock=_now,
                fetched=self.metrics.keys_fetched,
            )
        self.history = History(self._engine)
        self.scrape = Scrape(
            self.metrics,
            read=partial(read_figures, self._engine),
            unready_reasons=self.unready_reasons,
            credentials=lambda: self.credentials.known,
            clock=_now,
        )

    async def unready_reasons(self) -> Sequence[str]:
        """Sentences; none when ready."""
        reasons = list(await unready_reasons(self._engine))
        if self.writer.full:
            reasons.append("too many notifications are waiting to be stored")
        return reasons

    async def _remember_arrivals(self) -> None:
        try:
            arrivals = await latest_arrivals(self._engine)
        except Unavailable as error:
            # Worth a line and not a start.
            self._log.warning("latest arrivals not read", reason=str(error))
            return
        for credential, received_at in arrivals:
            self.metrics.arrived(credential, received_at)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Runs the writer and the background tasks for the length of the block."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.tracing.close)
            await stack.enter_async_context(self.storing())
            stack.push_async_callback(self.scrape.close)
            await self.credentials.refresh()
            stack.push_async_callback(self.credentials.write_uses)
            await self._remember_arrivals()
            stack.callback(self.attempts.tell)
            if self.access_tokens is not None:
                await stack.enter_async_context(self.access_tokens.open())
            background = [
                asyncio.create_task(
                    self.credentials.keep_fresh(self._settings.credential_refresh_seconds),
                    name="credentials, kept fresh",
                ),
                asyncio.create_task(self.credentials.keep_uses(), name="credentials, uses"),
                asyncio.create_task(self.credentials.keep_warning(), name="credentials, expiry"),
                asyncio.create_task(self.attempts.keep_telling(), name="failed attempts"),
                asyncio.create_task(keep_partitions(self._direct_conninfo), name="partitions"),
                asyncio.create_task(self._quarantine_bounds.keep_swept(), name="quarantine"),
            ]
            stack.push_async_callback(_end, background)
            yield


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
        state: dict[str, object] = {COUNT_ANSWER: service.metrics.answered}
        if not service.tracing.watches_sink:
            state[SHORT_WAY] = ShortWay(PATH, sink.awaits, sink.take, sink.answered, sink.failed)
        async with service.open():
            yield state

    guard = Guard(
        service.credentials.remembered,
        service.credentials.find,
        service.credentials.note_use,
        _now,
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
        clock=_now,
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
    app.add_middleware(Answers, count=service.metrics.answered)
    app.add_middleware(Correlator)
    service.tracing.correlate(app)
    return app


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            structlog.get_logger(__name__).error("background task failed", error=repr(outcome))


def _now() -> datetime:
    return datetime.now(UTC)
