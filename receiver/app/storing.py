"""What storing a notification takes, built from settings; knows no HTTP, no metrics, no questions.

The service is more than this, and reprocessing at the command line is not.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from uuid import UUID

from receiver.erasure.erasing import Eraser
from receiver.errors import CommitRefused, ConfigurationError
from receiver.events.event import Arrival
from receiver.intake.intake import Intake
from receiver.intake.reprocessing import Reprocessing
from receiver.intake.writer import Writer
from receiver.portions import Rota
from receiver.settings.settings import Settings
from receiver.spool.draining import Drain
from receiver.spool.overflow import Overflow
from receiver.store.connections.database import REFUSALS_CONNECTIONS
from receiver.store.connections.engine import question_engine
from receiver.store.connections.faults import PARTITION_MISSING
from receiver.store.connections.names import Hosts
from receiver.store.connections.silence import Silence
from receiver.store.events.ingest import Ingest
from receiver.store.events.known import Identity, find_known
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.quarantine.quarantine import Quarantine
from receiver.store.schema.installation import read_namespace

Commit = Callable[[Sequence[Arrival]], Awaitable[None]]


def _bare_commit(commit: Commit) -> Commit:
    return commit


def _untold(_waiting: int) -> None:
    pass


def _uncounted(_word: str) -> None:
    pass


def _nothing() -> None:
    pass


class Storing:
    """The way from members to durable events, and the quarantine beside it.

    Args:
        around_commit: what watches each commit is put around it here.
        set_queue_length: called with how many notifications wait for their commit.
        count_failure: called with the word of each try to store a batch that failed.
        overflow: takes what the database does not take in time; None: nothing does.

    Attributes:
        stored: set after each commit; whoever waits for it clears it.
        partition_missing: set when a commit lacks the partition of this month; likewise.
        drain: of the spool; None: there is none.
        rota: gives the portions of intake their turns of the event loop.

    Raises:
        ConfigurationError: the settings name no database.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        around_commit: Callable[[Commit], Commit] = _bare_commit,
        set_queue_length: Callable[[int], None] = _untold,
        count_failure: Callable[[str], None] = _uncounted,
        overflow: Overflow | None = None,
    ) -> None:
        conninfo = settings.database_conninfo
        if conninfo is None:
            raise ConfigurationError("DATABASE_URL is not set; `receiver serve` finds a database")
        self._conninfo = conninfo
        self.stored = asyncio.Event()
        self.partition_missing = asyncio.Event()
        self.rota = Rota()
        self._direct_conninfo = settings.direct_conninfo or conninfo
        # What the commits learn of them, all who ask follow.
        self._hosts = Hosts()
        self._open_pool = partial(
            question_engine,
            conninfo,
            hosts=self._hosts,
            pool_timeout_seconds=settings.pool_timeout_seconds,
            statement_timeout_seconds=settings.query_timeout_seconds,
            prepare_threshold=settings.prepare_threshold,
        )
        # Questions take as long as they like; nothing else waits for their connections.
        self._questions_engine = self._open_pool(pool_size=settings.pool_size)
        refusals_silence = Silence(settings.query_timeout_seconds)
        self._refusals_engine = self._open_pool(
            pool_size=REFUSALS_CONNECTIONS, silence=refusals_silence
        )
        self._ingest = Ingest(
            conninfo,
            statement_timeout_seconds=2 * settings.commit_timeout_seconds,
            prepare_threshold=settings.prepare_threshold,
            hosts=self._hosts,
        )
        commit = around_commit(self._commit)
        self.writer = Writer(
            commit,
            queue_limit=settings.queue_limit,
            queue_limit_bytes=settings.queue_limit_bytes,
            batch_limit=settings.batch_limit,
            deadline_seconds=settings.commit_timeout_seconds,
            patience_seconds=settings.patience_seconds,
            set_queue_length=set_queue_length,
            count_failure=count_failure,
            overflow=None if overflow is None else overflow.store,
            overflow_after_seconds=settings.spool_after_seconds,
            rota=self.rota,
        )
        self._quarantine_bounds = QuarantineBounds(
            self._refusals_engine,
            limit_bytes=settings.quarantine_limit_bytes,
            share=settings.quarantine_share,
            age_limit_days=settings.quarantine_days,
        )
        self.quarantine = Quarantine(
            self._refusals_engine,
            self._quarantine_bounds,
            questions_engine=self._questions_engine,
            patience_seconds=settings.pool_timeout_seconds,
            deadline_seconds=settings.pool_timeout_seconds + settings.commit_timeout_seconds,
            silence=refusals_silence,
            spool=overflow,
        )
        self.drain: Drain | None = None
        if overflow is not None:
            self.drain = Drain(
                overflow,
                commit=commit,
                keep=self.quarantine.keep_once,
                batch_limit=settings.batch_limit,
            )
        self.intake = Intake(self.writer, self.namespace)
        self.reprocessing = Reprocessing(
            self.quarantine,
            self.intake,
            body_limit_bytes=settings.body_limit_bytes,
            members_limit=settings.members_limit,
        )
        self.eraser = Eraser(
            self._direct_conninfo,
            self.namespace,
            spool=None if overflow is None else overflow.spool,
            body_limit_bytes=settings.body_limit_bytes,
            members_limit=settings.members_limit,
        )
        self._namespace: UUID | None = None
        self._overflow = overflow
        # What a process tells of its commits; nobody listens at the command line.
        self.note_stored: Callable[[], None] = _nothing

    async def _commit(self, batch: Sequence[Arrival]) -> None:
        try:
            await self._ingest.commit(batch)
        except CommitRefused as error:
            if error.fault == PARTITION_MISSING.word:
                self.partition_missing.set()
            raise
        self.stored.set()
        self.note_stored()

    async def find_known(self, arrivals: Sequence[Arrival]) -> set[Identity]:
        """Returns which of these events are stored; see `store.events.known`."""
        return await find_known(self._questions_engine, arrivals)

    def namespace(self) -> UUID:
        """The installation's; known once storing has begun."""
        if self._namespace is None:
            raise RuntimeError("storing has not begun")
        return self._namespace

    @asynccontextmanager
    async def storing(self) -> AsyncIterator[None]:
        """Runs the writer for the length of the block, and nothing that changes rows by itself."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._questions_engine.dispose)
            stack.push_async_callback(self._refusals_engine.dispose)
            stack.push_async_callback(self.quarantine.aclose)
            if self._overflow is not None:
                stack.push_async_callback(self._overflow.spool.aclose)
            self._namespace = await read_namespace(self._refusals_engine)
            stack.push_async_callback(self._ingest.close)
            await stack.enter_async_context(self.writer)
            yield
