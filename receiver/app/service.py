"""The parts of one service process: built from its settings, opened and closed together."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from receiver.api.access.attempts import Attempts
from receiver.api.access.tokens.configured import configure_access_tokens
from receiver.api.camara.versions import list_versions
from receiver.api.operations.scrape import Scrape
from receiver.api.questions.stream.live import Live
from receiver.app.answering import Answering
from receiver.app.background import BackgroundRunner
from receiver.app.storing import Storing
from receiver.app.tasks import EXCLUSIVE_DEADLINE_SECONDS, periodic_tasks
from receiver.errors import Unavailable
from receiver.intake.tries import UNKNOWN
from receiver.intake.writer import LATE
from receiver.metrics.metrics import Metrics
from receiver.settings.settings import Settings
from receiver.spool.overflow import open_overflow
from receiver.store.connections.database import CONTROL_CONNECTIONS
from receiver.store.connections.engine import prompt_engine
from receiver.store.connections.exclusivity import exclusivity
from receiver.store.connections.faults import WORDS
from receiver.store.credentials.book import CredentialBook
from receiver.store.credentials.names import find_metric_label
from receiver.store.health.figures import Figures, latest_arrivals, read_figures
from receiver.store.health.look import DatabaseLook
from receiver.store.health.progress import Progress
from receiver.store.projector.feeds import FEEDS
from receiver.store.projector.projecting import STATEMENT_SECONDS, Projection
from receiver.store.subscriptions.watch import Watch
from receiver.tracing.spans import NoTracing

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
        self._overflow = open_overflow(
            settings, namespace=self.namespace, clock=now, count=self.metrics.count_spool
        )
        super().__init__(
            settings,
            around_commit=lambda commit: self.tracing.committed(
                self.metrics.measure_commit(commit)
            ),
            set_queue_length=self.metrics.set_queue_length,
            count_failure=self.metrics.count_commit_failure,
            overflow=self._overflow,
        )
        for reason in (*WORDS, UNKNOWN, LATE):
            self.metrics.count_commit_failure(reason, 0)
        self._log = structlog.get_logger(__name__)
        self._control_engine = prompt_engine(
            self._conninfo,
            pool_size=CONTROL_CONNECTIONS,
            limit_seconds=CONTROL_STATEMENT_SECONDS,
            statement_timeout_seconds=settings.query_timeout_seconds,
            prepare_threshold=settings.prepare_threshold,
            pool_timeout_seconds=settings.pool_timeout_seconds,
            hosts=self._hosts,
        )
        self.credentials = CredentialBook(
            self._control_engine, trust_seconds=settings.credential_trust_seconds
        )
        self.attempts = Attempts(
            settings.attempts_limit, settings.trusted_proxies or frozenset(), time.monotonic
        )
        self.access_tokens = configure_access_tokens(
            settings,
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
        self.answering = Answering(self._questions_engine)
        self._watch = Watch(self.answering.ledger)
        self.live = Live(settings, self._open_pool, self._questions_engine)
        self.note_stored = self.live.fan_out.note_stored
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
                fan_out=self.live.fan_out,
                stored=self.stored,
                partition_missing=self.partition_missing,
                drain=self.drain,
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
        self._database = DatabaseLook(self._control_engine)
        self._warnings: Sequence[str] = ()
        self.scrape = Scrape(
            self.metrics,
            self,
            credentials=lambda: self.credentials.known,
            clock=now,
            subscriptions=self._watch.list_counts,
            spool=lambda: None if self._overflow is None else self._overflow.spool.contents,
        )

    async def unready_reasons(self) -> Sequence[str]:
        """Returns sentences; none when ready. All that ask at once share one look."""
        found = await self._database.look()
        reasons = list(found.reasons)
        is_away = bool(reasons)
        told = self.writer.outage.tell()
        if told is not None and self.writer.outage.reason not in reasons:
            reasons.append(told)
        reasons += self._background.overdue()
        warnings: list[str] = []
        if self._overflow is not None:
            is_excused = (is_away or told is not None) and self.credentials.is_trusted()
            reasons, warnings = self._overflow.excuse(reasons, is_away=is_excused)
        if reasons:
            reasons += found.warnings
        self._warnings = [*warnings, *found.warnings]
        if self.writer.full:
            reasons.append("too many notifications are waiting to be stored")
        return reasons

    def progress(self) -> Progress | None:
        """Returns how far the projection was at the last look of readiness."""
        return self._database.latest.progress

    def warnings(self) -> Sequence[str]:
        """Returns what is wrong, in a sentence each, although notifications can be stored."""
        return self._warnings

    async def read_figures(self) -> Figures:
        """Reads what operations watch in the database."""
        return await read_figures(self._control_engine)

    async def _remember_arrivals(self) -> None:
        try:
            arrivals = await latest_arrivals(self._control_engine)
        except Unavailable as error:
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
            stack.push_async_callback(self.live.close)
            await stack.enter_async_context(self.storing())
            stack.push_async_callback(self.answering.fleet_counting.close)
            stack.push_async_callback(self.scrape.close)
            stack.push_async_callback(self._database.close)
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
