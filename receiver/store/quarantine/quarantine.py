"""The quarantine: refused bodies of authenticated senders, which admins list and parse again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway, RefusalNotFound
from receiver.store.connections.durability import DURABLE
from receiver.store.connections.engine import asking
from receiver.store.connections.keyset import Order, read_page
from receiver.store.connections.silence import Silence
from receiver.store.credentials.credentials import MaySend, matches
from receiver.store.credentials.tables import credential
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.quarantine.entries import (
    BODY_COLUMNS,
    ENTRY_COLUMNS,
    QuarantineEntry,
    QuarantinePosition,
    QuarantineSelection,
    RefusalState,
    RefusedBody,
    page_statement,
    read_body,
    read_entry,
)
from receiver.store.quarantine.rows import REASON_LENGTH, NewRow, Refusal, RowSpool, rows_of
from receiver.store.quarantine.tables import quarantine
from receiver.turns import Turns

KEEP = f"""
INSERT INTO quarantine
    (received_at, credential, reason, media_type, headers, body, is_member, arrival_id)
SELECT
    %(received_at)s, %(credential)s, %(reason)s, %(media_type)s, %(headers)s, %(body)s,
    %(is_member)s, %(arrival_id)s
WHERE {DURABLE}
"""

# The time of the arrival is what there is an index for.
KEEP_ONCE = f"""
{KEEP}AND NOT EXISTS (
    SELECT FROM quarantine WHERE received_at = %(received_at)s AND arrival_id = %(arrival_id)s
)
"""

# A row that was stored keeps the reason for which it was once refused.
MARK_REPROCESSED = """
UPDATE quarantine SET
    reprocessed_at = clock_timestamp(), state = %(state)s, reason = coalesce(%(reason)s, reason)
WHERE id = %(key)s
"""

# How long the close waits for bodies that are being stored, whose senders have their answers.
CLOSE_SECONDS = 2.0

ParseAgain = Callable[[RefusedBody, MaySend], Awaitable[str | None]]


class Quarantine:
    """Stores refused bodies durably, before their sender is answered, and lists them.

    Args:
        engine: stores refused bodies; no question holds its connections.
        questions_engine: answers admins, and has bodies parsed again.
        patience_seconds: how long refused bodies wait for those of the same credential.
        deadline_seconds: how long their sender waits, until they are durable.
        silence: of the connections of `engine`. A commit that waits for a standby goes on waiting
            in the server, and must not be one of many.
        spool: None: there is none, and rows are refused while the database is away.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        bounds: QuarantineBounds,
        *,
        questions_engine: AsyncEngine,
        patience_seconds: float = 5.0,
        deadline_seconds: float = 10.0,
        silence: Silence | None = None,
        spool: RowSpool | None = None,
    ) -> None:
        self._engine = engine
        self._bounds = bounds
        self._questions_engine = questions_engine
        self._deadline_seconds = deadline_seconds
        self._silence = silence
        self._storing: set[asyncio.Task[None]] = set()
        self._spool = spool
        # One request of a credential is stored at a time, so that it leaves a connection to others.
        self._turns = Turns(
            1,
            patience_seconds=patience_seconds,
            refusal=lambda: DatabaseAway("earlier refused notifications are still being stored"),
        )

    async def keep(
        self,
        refusals: Sequence[Refusal],
        *,
        credential: str,
        received_at: datetime,
        headers: Mapping[str, str],
    ) -> None:
        """Stores the refused body or members of one request.

        Args:
            headers: by lower-case name; the caller leaves out those that carry a secret. The
                first row has them.

        Raises:
            QuarantineFull: the quarantine has no room for them.
            Unavailable: the database cannot be asked, or it is unknown whether they are stored.
        """
        rows = rows_of(refusals, credential=credential, received_at=received_at, headers=headers)
        if self._spool is not None and self._spool.is_open:
            return await self._spool.keep(rows)
        try:
            await self._keep_by_deadline(credential, rows)
        except DatabaseAway:
            if self._spool is None:
                raise
            await self._spool.keep(rows)

    async def _keep_by_deadline(self, credential: str, rows: Sequence[NewRow]) -> None:
        storing = asyncio.create_task(self._store(credential, rows), name="refused notification")
        self._storing.add(storing)
        storing.add_done_callback(self._forget)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                # To cancel a commit would ask the server to end it unconfirmed by its standby. It
                # keeps the turn of its credential, so that connections are left to others.
                await asyncio.shield(storing)
        except TimeoutError:
            raise DatabaseAway("the refused notification is not known to be stored") from None

    async def keep_once(self, row: NewRow) -> None:
        """Stores a row that was kept elsewhere meanwhile; one that is stored already stays alone.

        Raises:
            QuarantineFull: the quarantine has no room for it.
            Unavailable: the database cannot be asked.
        """
        await self._bounds.take_room(row.credential, row.size_bytes)
        async with asking(self._engine) as connection:
            await connection.exec_driver_sql(KEEP_ONCE, row.parameters())

    async def aclose(self) -> None:
        """Ends what is still being stored; nobody waits for it any more."""
        if self._storing:
            _, late = await asyncio.wait(self._storing, timeout=CLOSE_SECONDS)
            for storing in late:
                storing.cancel()
            if late:
                await asyncio.wait(late, timeout=CLOSE_SECONDS)

    async def _store(self, credential: str, rows: Sequence[NewRow]) -> None:
        async with self._turns.turn(credential):
            await self._bounds.take_room(credential, sum(row.size_bytes for row in rows))
            async with asking(self._engine) as connection:
                await connection.exec_driver_sql(KEEP, [row.parameters() for row in rows])
        if self._silence is not None:
            self._silence.end()

    def _forget(self, storing: asyncio.Task[None]) -> None:
        self._storing.discard(storing)
        if not storing.cancelled():
            # Read, so that one whose sender has its answer is no error that nobody saw.
            storing.exception()

    async def page(
        self,
        selection: QuarantineSelection,
        *,
        order: Order,
        after: QuarantinePosition | None,
        limit: int,
        limit_bytes: int,
    ) -> tuple[list[QuarantineEntry], QuarantinePosition | None]:
        """Returns the next entries by arrival, and where their page ends; None: there are no more.

        Args:
            limit: of the entries.
            limit_bytes: of their texts; the entry that exceeds it is the last one.
        """
        statement = page_statement(
            selection, order=order, after=after, limit=limit + 1, limit_bytes=limit_bytes
        )
        async with asking(self._questions_engine) as connection:
            rows, has_more = read_page((await connection.execute(statement)).all(), limit)
        page = [read_entry(row) for row in rows]
        return page, page[-1].position if has_more else None

    async def find(self, key: int) -> tuple[QuarantineEntry, RefusedBody]:
        """Returns one entry with its body.

        Raises:
            RefusalNotFound: no entry has this key.
        """
        statement = select(*ENTRY_COLUMNS, *BODY_COLUMNS).where(quarantine.c.id == key)
        async with asking(self._questions_engine) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            raise RefusalNotFound
        return read_entry(row), read_body(row)

    async def refused_keys(self, *, after: int, limit: int) -> Sequence[int]:
        """Returns keys of entries that are still refused, ascending, from behind `after` on."""
        statement = (
            select(quarantine.c.id)
            .where(quarantine.c.id > after, quarantine.c.state == RefusalState.REFUSED)
            .order_by(quarantine.c.id)
            .limit(limit)
        )
        async with asking(self._questions_engine) as connection:
            return (await connection.execute(statement)).scalars().all()

    async def reprocess(self, key: int, parse_again: ParseAgain) -> QuarantineEntry:
        """Has one body parsed again, under a lock on its row; a stored entry stays as it is.

        Args:
            parse_again: stores the events of the body, within what its credential may send now;
                returns the reason if it refuses any of them, else None.

        Raises:
            RefusalNotFound: no entry has this key.
            Unavailable: the database cannot be asked; another try is harmless.
        """
        this = quarantine.c.id == key
        async with asking(self._questions_engine) as connection:
            found = select(*ENTRY_COLUMNS, *BODY_COLUMNS).where(this).with_for_update()
            row = (await connection.execute(found)).first()
            if row is None:
                raise RefusalNotFound
            if row.state == RefusalState.STORED:
                return read_entry(row)
            limits = select(credential.c.types, credential.c.sources).where(
                credential.c.name == row.credential
            )
            types, sources = (await connection.execute(limits)).one_or_none() or ((), ())
            reason = await parse_again(read_body(row), partial(matches, types, sources))
            state = RefusalState.STORED if reason is None else RefusalState.REFUSED
            change = {"key": key, "state": state, "reason": reason and reason[:REASON_LENGTH]}
            await connection.exec_driver_sql(MARK_REPROCESSED, change)
            return read_entry((await connection.execute(select(*ENTRY_COLUMNS).where(this))).one())
