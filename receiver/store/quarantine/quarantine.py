"""What an authenticated sender sent and we refused: kept with its bytes, for another look."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import RefusalNotFound
from receiver.store.connections.engine import asking
from receiver.store.connections.keyset import Order
from receiver.store.credentials.credentials import matches
from receiver.store.credentials.tables import credential
from receiver.store.quarantine.bounds import QuarantineBounds
from receiver.store.quarantine.quarantined import (
    KEPT,
    SHOWN,
    Kept,
    Quarantined,
    QuarantinePosition,
    QuarantineSelection,
    State,
    kept,
    page_statement,
    quarantined,
)
from receiver.store.quarantine.tables import quarantine

KEEP = """
INSERT INTO quarantine (received_at, credential, reason, media_type, headers, body, is_member)
VALUES (
    %(received_at)s, %(credential)s, %(reason)s, %(media_type)s, %(headers)s, %(body)s,
    %(is_member)s
)
"""

# A row that was stored keeps the reason for which it was once refused.
MARK_REPROCESSED = """
UPDATE quarantine SET
    reprocessed_at = clock_timestamp(), state = %(state)s, reason = coalesce(%(reason)s, reason)
WHERE id = %(key)s
"""

MaySend = Callable[[str, str | None], bool]
LookAgain = Callable[[Kept, MaySend], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused body, or the refused member of a batch.

    Attributes:
        reason: what the sender was told.
        body: the bytes, as received.
        is_member: whether the body is one member of a batch, and not all of it.
    """

    reason: str
    body: bytes
    is_member: bool = False


class Quarantine:
    """Keeps refused notifications durably, before their sender is answered, and shows them."""

    def __init__(self, engine: AsyncEngine, bounds: QuarantineBounds) -> None:
        self._engine = engine
        self._bounds = bounds

    async def keep(
        self,
        refusals: Sequence[Refusal],
        *,
        credential: str,
        received_at: datetime,
        headers: Mapping[str, str],
    ) -> None:
        """Keeps what was refused of one request.

        Args:
            headers: by lower-case name; the caller leaves out what carries a secret.

        Raises:
            Unavailable: it could not be written, or there is no room for it.
        """
        head_bytes = sum(len(name) + len(value) for name, value in headers.items())
        await self._bounds.take_room(sum(head_bytes + len(refusal.body) for refusal in refusals))
        rows = [
            {
                "received_at": received_at,
                "credential": credential,
                "reason": refusal.reason,
                "media_type": headers.get("content-type"),
                "headers": Jsonb(dict(headers)),
                "body": refusal.body,
                "is_member": refusal.is_member,
            }
            for refusal in refusals
        ]
        async with asking(self._engine) as connection:
            await connection.exec_driver_sql(KEEP, rows)

    async def page(
        self,
        selection: QuarantineSelection,
        *,
        order: Order,
        after: QuarantinePosition | None,
        limit: int,
    ) -> tuple[list[Quarantined], bool]:
        """The next `limit` of a selection by arrival, and whether there are more behind them."""
        statement = page_statement(selection, order=order, after=after, limit=limit + 1)
        async with asking(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        return [quarantined(row) for row in rows[:limit]], len(rows) > limit

    async def find(self, number: int) -> tuple[Quarantined, Kept]:
        """One quarantined notification with its bytes.

        Raises:
            RefusalNotFound: there is none of that key.
        """
        statement = select(*SHOWN, *KEPT).where(quarantine.c.id == number)
        async with asking(self._engine) as connection:
            row = (await connection.execute(statement)).first()
        if row is None:
            raise RefusalNotFound
        return quarantined(row), kept(row)

    async def refused_numbers(self, *, after: int, limit: int) -> Sequence[int]:
        """The keys of what is still refused, in ascending order, beginning behind `after`."""
        statement = (
            select(quarantine.c.id)
            .where(quarantine.c.id > after, quarantine.c.state == State.REFUSED)
            .order_by(quarantine.c.id)
            .limit(limit)
        )
        async with asking(self._engine) as connection:
            return (await connection.execute(statement)).scalars().all()

    async def reprocess(self, number: int, look_again: LookAgain) -> Quarantined:
        """Has one looked at again, by nobody else meanwhile; what is stored already stays so.

        Args:
            look_again: stores what it understands; gives the reason if it refuses any of it. It
                is told what the credential that brought it may send by now.

        Raises:
            RefusalNotFound: there is none of that key.
            Unavailable: the database cannot be asked; another try is harmless.
        """
        this = quarantine.c.id == number
        async with asking(self._engine) as connection:
            found = select(*SHOWN, *KEPT).where(this).with_for_update()
            row = (await connection.execute(found)).first()
            if row is None:
                raise RefusalNotFound
            if row.state == State.STORED:
                return quarantined(row)
            limits = select(credential.c.types, credential.c.sources).where(
                credential.c.name == row.credential
            )
            types, sources = (await connection.execute(limits)).one_or_none() or ((), ())
            reason = await look_again(kept(row), partial(matches, types, sources))
            state = State.STORED if reason is None else State.REFUSED
            change = {"key": number, "state": state, "reason": reason}
            await connection.exec_driver_sql(MARK_REPROCESSED, change)
            return quarantined((await connection.execute(select(*SHOWN).where(this))).one())
