"""The parts of one service process: built from its settings, opened and closed together."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from receiver.api.access.attempts import Attempts
from receiver.api.access.tokens.access_tokens import AccessTokens
from receiver.api.access.tokens.authorization_server import read_authorization_server
from receiver.api.camara.versions import list_versions
from receiver.api.operations.scrape import Scrape
from receiver.app.background import BackgroundRunner
from receiver.app.storing import Storing
from receiver.app.tasks import EXCLUSIVE_DEADLINE_SECONDS, periodic_tasks
from receiver.errors import Unavailable
from receiver.intake.tries import UNKNOWN
from receiver.intake.writer import LATE
from receiver.metrics.metrics import Metrics
from receiver.settings.settings import Settings
from receiver.single_flight import SharedRefresh
from receiver.store.connections.engine import prompt_engine
from receiver.store.connections.exclusivity import exclusivity
from receiver.store.connections.faults import WORDS
from receiver.store.credentials.book import CredentialBook
from receiver.store.credentials.names import find_metric_label
from receiver.store.derived.linking import Links
from receiver.store.events.history import History
from receiver.store.fleet.fleet import Fleet
from receiver.store.health.clocks import clock_warnings
from receiver.store.health.figures import Figures, latest_arrivals, read_figures
from receiver.store.health.progress import Progress, read_progress
from receiver.store.health.readiness import unready_reasons
from receiver.store.projector.feeds import FEEDS
from receiver.store.projector.projecting import STATEMENT_SECONDS, Projection
from receiver.store.status.statuses import Statuses
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.registrations import Registrations
from receiver.store.subscriptions.watch import Watch
from receiver.store.timelines.timelines import Timelines
from receiver.tracing.spans import NoTracing

# However many strangers ask whether the service is ready, the database is asked no more often.
READINESS_INTERVAL_SECONDS = 0.1

# A probe of Kubernetes waits one second by default, people wait longer; three are documented.
READINESS_DEADLINE_SECONDS = 2.5

# A look whose callers are answered goes on for as long, and then the next one starts anew.
READINESS_LIMIT_SECONDS = 10.0

# Connections for what keeps the service in order: its credentials, their last uses, its readiness
# and its figures. Each is asked for by one caller at a time, so none of them waits for another,
# and neither questions nor refused notifications can hold these connections.
CONTROL_CONNECTIONS = 4

# Of each of their statements, which take milliseconds.
CONTROL_STATEMENT_SECONDS = 2.0

# How long the stop waits until the last uses of credentials are written: for people who read them,
# and no stop hangs for it.
LAST_USES_SECONDS = 2.0


class Service(Storing):
    """Everything one process runs on, built from its settings and opened by the lifespan."""

    def __init__(
        self, settings: Settings, metrics_dir: Path | None = None, tracing: NoTracing | None = None
    ) -> None:
        self.metrics = Metrics(
            queue_limit_notifications=settings.queue_limit,
            shared_dir=metrics_dir,
            find_label=find_metric_label,
        )
        self.tracing = tracing or NoTracing()
        super().__init__(
            settings,
            around_commit=lambda commit: self.tracing.committed(
                self.metrics.measure_commit(commit)
            ),
            set_queue_length=self.metrics.set_queue_length,
            count_failure=self.metrics.count_commit_failure,
        )
        self.metrics.add_commit_failures([*WORDS, UNKNOWN, LATE])
        self._log = structlog.get_logger(__name__)
        self._control_engine = prompt_engine(
            self._conninfo,
            pool_size=CONTROL_CONNECTIONS,
            limit_seconds=CONTROL_STATEMENT_SECONDS,
            statement_timeout_seconds=settings.query_timeout_seconds,
            prepare_threshold=settings.prepare_threshold,
            pool_timeout_seconds=settings.pool_timeout_seconds,
        )
        self.credentials = CredentialBook(
            self._control_engine, trust_seconds=settings.credential_trust_seconds
        )
        self.attempts = Attempts(
            settings.attempts_limit, settings.trusted_proxies or frozenset(), time.monotonic
        )
        self.access_tokens: AccessTokens | None = None
        server = read_authorization_server(settings)
        if server is not None:
            self.access_tokens = AccessTokens(
                server,
                self.credentials,
                clock=now,
                note_key_fetch=self.metrics.note_keys_fetched,
                call_scopes=[version.scope for version in list_versions(settings)],
            )
        self._projection = Projection(
            self._conninfo,
            statement_timeout_seconds=STATEMENT_SECONDS,
            prepare_threshold=settings.prepare_threshold,
            feed=FEEDS[settings.feed],
        )
        self.ledger = Ledger(self._questions_engine)
        self._watch = Watch(self.ledger)
        self._background = BackgroundRunner(
            periodic_tasks(
                settings,
                conninfo=self._direct_conninfo,
                credentials=self.credentials,
                attempts=self.attempts,
                access_tokens=self.access_tokens,
                quarantine_bounds=self._quarantine_bounds,
                projection=self._projection,
                watch=self._watch,
                stored=self.stored,
                partition_missing=self.partition_missing,
            ),
            self.metrics,
            exclusivity=partial(
                exclusivity,
                self._direct_conninfo,
                deadline_seconds=EXCLUSIVE_DEADLINE_SECONDS,
                statement_timeout_seconds=settings.query_timeout_seconds,
                prepare_threshold=settings.prepare_threshold,
            ),
            clock=now,
        )
        self._database_reasons: Sequence[str] = ()
        self._warnings: Sequence[str] = ()
        self._progress: Progress | None = None
        self._readiness = SharedRefresh(
            self._look_at_database,
            interval_seconds=READINESS_INTERVAL_SECONDS,
            limit_seconds=READINESS_LIMIT_SECONDS,
            name="readiness",
        )
        self.history = History(self._questions_engine)
        self.statuses = Statuses(self._questions_engine)
        self.fleet = Fleet(self._questions_engine)
        self.links = Links(self._questions_engine)
        self.timelines = Timelines(self._questions_engine)
        self.registrations = Registrations(self._questions_engine)
        self.scrape = Scrape(
            self.metrics,
            self,
            credentials=lambda: self.credentials.known,
            clock=now,
            subscriptions=self._list_watched,
        )

    def _list_watched(self) -> Mapping[str, int]:
        found = self._watch.latest
        return {} if found is None else found._asdict()

    async def unready_reasons(self) -> Sequence[str]:
        """Returns sentences; none when ready. All that ask at once share one look."""
        try:
            async with asyncio.timeout(READINESS_DEADLINE_SECONDS):
                await self._readiness.join()
            reasons = list(self._database_reasons)
        except TimeoutError:
            reasons = ["the database does not answer"]
        if reasons:
            reasons += self._warnings
        told = self.writer.outage.tell()
        if told is not None and self.writer.outage.reason not in reasons:
            reasons.append(told)
        if self.writer.full:
            reasons.append("too many notifications are waiting to be stored")
        return reasons + self._background.overdue()

    def progress(self) -> Progress | None:
        """Returns how far the projection was at the last look of readiness."""
        return self._progress

    def warnings(self) -> Sequence[str]:
        """Returns what is wrong, in a sentence each, although notifications can be stored."""
        return self._warnings

    async def _look_at_database(self) -> None:
        engine = self._control_engine
        self._warnings = await clock_warnings(engine)
        self._database_reasons = await unready_reasons(engine)
        self._progress = None if self._database_reasons else await read_progress(engine)

    async def read_figures(self) -> Figures:
        """Reads what operations watch in the database."""
        return await read_figures(self._control_engine)

    async def _remember_arrivals(self) -> None:
        try:
            arrivals = await latest_arrivals(self._control_engine)
        except Unavailable as error:
            # Worth a line and not a start.
            self._log.warning("latest arrivals not read", reason=str(error))
            return
        for credential, received_at in arrivals:
            self.metrics.note_arrival(credential, received_at)

    async def _write_last_uses(self) -> None:
        try:
            async with asyncio.timeout(LAST_USES_SECONDS):
                await self.credentials.write_uses()
        except (Unavailable, TimeoutError) as error:
            # Worth a line; the stop goes on.
            reason = str(error) or "the database does not answer"
            self._log.warning("uses of credentials not written", reason=reason)

    async def _begin_projection(self) -> None:
        """Derives one step, so that a new installation answers from its first request on."""
        try:
            await self._projection.derive()
        except Unavailable as error:
            # Worth a line and not a start: it goes on in the background.
            self._log.warning("projection not begun", reason=str(error))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Runs the writer and the background tasks for the length of the block."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.tracing.close)
            stack.push_async_callback(self._control_engine.dispose)
            await stack.enter_async_context(self.storing())
            stack.push_async_callback(self.scrape.close)
            stack.push_async_callback(self._readiness.close)
            stack.push_async_callback(self.credentials.close)
            await self.credentials.refresh()
            stack.push_async_callback(self._write_last_uses)
            stack.push_async_callback(self._projection.close)
            await self._begin_projection()
            await self._remember_arrivals()
            stack.callback(self.attempts.log_failures)
            if self.access_tokens is not None:
                await stack.enter_async_context(self.access_tokens.open())
            await stack.enter_async_context(self._background)
            yield


def now() -> datetime:
    """The clock of the service, aware UTC."""
    return datetime.now(UTC)
