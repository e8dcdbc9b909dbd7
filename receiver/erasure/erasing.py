"""Erasures, from the question who is meant to the record that all is removed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from receiver.erasure.naming import Naming
from receiver.erasure.outcome import Erased
from receiver.errors import DatabaseAway, ReceiverError, Unavailable
from receiver.log import audit
from receiver.spool.forgetting import Forgotten, count_named, forget
from receiver.spool.spool import Spool
from receiver.store.connections.database import connect_async
from receiver.store.erasure import recording
from receiver.store.erasure.answers import count_answers, remove_answers
from receiver.store.erasure.counts import Removed
from receiver.store.erasure.events import (
    count_events,
    count_identities,
    remove_events,
    remove_identities,
    remove_leaving,
)
from receiver.store.erasure.mentions import Mentions, find_mentions
from receiver.store.erasure.refused import RefusedRow, read_refused, remove_refused
from receiver.store.erasure.statistics import renew_statistics
from receiver.store.erasure.subjects import Asked, Subject, find_subject
from receiver.store.projector.projecting import STATEMENT_SECONDS

ACTION = "device.forget"

# Of one erasure that is asked for over HTTP; the same call again goes on.
ERASURE_SECONDS = 300.0

# Of it, for the payloads of other devices' events: about a gigabyte of them.
SEARCH_SECONDS = 20.0


class _Run:
    """An erasure that runs.

    Attributes:
        erasure_id: of its row; None: it has not begun.
        removed: so far.
    """

    def __init__(self) -> None:
        self.erasure_id: UUID | None = None
        self.removed = Removed()

    @property
    def name(self) -> str:
        return "" if self.erasure_id is None else str(self.erasure_id)

    async def begin(
        self, connection: AsyncConnection, credential: str | None, devices: int
    ) -> None:
        self.erasure_id = await recording.begin(connection, credential, devices)
        self.removed = Removed(devices=devices)

    async def note(self, connection: AsyncConnection, **more: int) -> None:
        if any(more.values()):
            await recording.count(connection, self.name, Removed().add(**more))
            self.removed = self.removed.add(**more)

    async def end(self, connection: AsyncConnection) -> None:
        await recording.end(connection, self.name)


class Eraser:
    """Erases devices, each over a connection of its own.

    Args:
        conninfo: a direct connection to the database.
        namespace: the installation's, from which device ids are made.
        spool: None: there is none.
        body_limit_bytes, members_limit: of what was refused, as at the sink.
        limit_seconds: of one erasure; None: it takes as long as it takes.
        search_seconds: of the search in other devices' events; None: all are searched.
    """

    def __init__(
        self,
        conninfo: str,
        namespace: Callable[[], UUID],
        *,
        spool: Spool | None,
        body_limit_bytes: int,
        members_limit: int,
        limit_seconds: float | None = ERASURE_SECONDS,
        search_seconds: float | None = SEARCH_SECONDS,
    ) -> None:
        self._conninfo = conninfo
        self._namespace = namespace
        self._spool = spool
        self._body_limit_bytes = body_limit_bytes
        self._members_limit = members_limit
        self._limit_seconds = limit_seconds
        self._search_seconds = search_seconds

    async def forget(self, asked: Asked, credential: str | None) -> Erased:
        """Removes a device and what stands for it; again is harmless, and goes on where it ended.

        Args:
            credential: the name of the admin's; None: somebody at the command line.

        Raises:
            Unavailable: not all is removed; the same again goes on.
        """
        outcome, run = "failed", _Run()
        try:
            async with self._connected() as connection:
                subject, naming = await self._find(connection, asked)
                await run.begin(connection, credential, len(subject.devices))
                spool_files = await self._erase(connection, run, subject, naming)
                statistics = await renew_statistics(connection, subject)
                await run.end(connection)
                outcome = "forgotten"
                mentions = await self._search(connection, subject)
        except ReceiverError as error:
            if outcome == "failed":
                outcome = error.word
            raise
        finally:
            counts = run.removed._asdict()
            audit(ACTION, credential=credential, outcome=outcome, erasure=run.name, **counts)
        return Erased(run.erasure_id, run.removed, mentions, spool_files, tuple(statistics))

    async def rehearse(self, asked: Asked) -> Erased:
        """Counts what `forget` would remove, and changes nothing.

        Raises:
            Unavailable: as `forget`.
        """
        async with self._connected() as connection:
            subject, naming = await self._find(connection, asked)
            spooled = Forgotten(0, 0)
            if self._spool is not None:
                spooled = await count_named(self._spool, naming.is_in_record)
            quarantined = 0
            async for keys in self._list_refused(connection, naming):
                quarantined += len(keys)
            events = await count_events(connection, subject)
            counted = await count_answers(connection, subject)
            alone = await count_identities(connection, subject)
            removed = counted.add(
                devices=len(subject.devices),
                events=events,
                identities=events + alone,
                quarantined=quarantined,
                spooled=spooled.records,
            )
            mentions = await self._search(connection, subject)
        return Erased(None, removed, mentions, spooled.files)

    async def _erase(
        self, connection: AsyncConnection, run: "_Run", subject: Subject, naming: Naming
    ) -> int:
        """Removes all; returns the number of the spool's files that were not reached."""
        spooled = Forgotten(0, 0)
        # Before the database, which a drain may be about to give what it has read.
        if self._spool is not None:
            spooled = await forget(self._spool, naming.is_in_record)
            await run.note(connection, spooled=spooled.records)
        async for keys in self._list_refused(connection, naming):
            await run.note(connection, quarantined=await remove_refused(connection, keys))
        await run.note(connection, events=await remove_leaving(connection, subject))
        # The device itself last: it leads to the others.
        for device_id in subject.devices:
            async for step in remove_events(connection, device_id):
                await run.note(connection, events=step.events, identities=step.identities)
        async for number in remove_identities(connection, subject):
            await run.note(connection, identities=number)
        async with connection.transaction():
            last = await remove_answers(connection, subject)
            await run.note(connection, **last._asdict())
        return spooled.files

    async def _find(self, connection: AsyncConnection, asked: Asked) -> tuple[Subject, Naming]:
        namespace = self._namespace()
        subject = await find_subject(connection, asked, namespace)
        naming = Naming(
            subject,
            namespace,
            body_limit_bytes=self._body_limit_bytes,
            members_limit=self._members_limit,
        )
        return subject, naming

    async def _list_refused(
        self, connection: AsyncConnection, naming: Naming
    ) -> AsyncIterator[list[int]]:
        """Yields the keys of refused bodies that name the device, and rests as long as it works."""
        async for page in read_refused(connection):
            begin = time.monotonic()
            keys = [row.key for row in page if await asyncio.to_thread(_is_named, naming, row)]
            if keys:
                yield keys
            await asyncio.sleep(time.monotonic() - begin)

    async def _search(self, connection: AsyncConnection, subject: Subject) -> Mentions:
        begin, limit = time.monotonic(), self._search_seconds

        def is_late() -> bool:
            return limit is not None and time.monotonic() > begin + limit

        return await find_mentions(connection, subject, is_late)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with asyncio.timeout(self._limit_seconds) as deadline:
                connection = await connect_async(
                    self._conninfo,
                    statement_timeout_seconds=STATEMENT_SECONDS,
                    prepare_threshold=None,
                )
                async with connection:
                    yield connection
        except (psycopg.Error, OSError) as error:
            if isinstance(error, TimeoutError) and deadline.expired():
                raise Unavailable("not all is removed in time; the same again goes on") from None
            sqlstate = getattr(error, "sqlstate", None)
            suffix = "" if sqlstate is None else f" (SQLSTATE {sqlstate})"
            raise DatabaseAway(f"not all is removed; the same again goes on{suffix}") from error


def _is_named(naming: Naming, row: RefusedRow) -> bool:
    return naming.is_in_body(row.credential, row.headers, row.body, row.is_member)
