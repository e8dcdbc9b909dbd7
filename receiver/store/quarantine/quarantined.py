"""The rows of the quarantine as values: what one shows, what it keeps, and which are meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select

from receiver.store.connections.keyset import Keyset, Order
from receiver.store.quarantine.tables import quarantine


class State(StrEnum):
    """What became of a quarantined notification."""

    REFUSED = "refused"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class QuarantinePosition:
    """Where a page ended."""

    received_at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A quarantined notification without its bytes.

    Attributes:
        number: the row's key.
        reason: why it was refused, in the words of the latest look.
        size_bytes: of the body.
        reprocessed_at: when it was last parsed again; None: never.
    """

    number: int
    received_at: datetime
    credential: str
    reason: str
    media_type: str | None
    size_bytes: int
    state: State
    reprocessed_at: datetime | None

    @property
    def position(self) -> QuarantinePosition:
        return QuarantinePosition(self.received_at, self.number)


@dataclass(frozen=True, slots=True)
class Kept:
    """The bytes of a quarantined notification, and all that is needed to understand them.

    Attributes:
        headers: by lower-case name, without those that carry a secret.
        arrival_id: the arrival it is stored as, each time it is reprocessed.
        is_member: whether the body is one member of a batch, and not all of it.
    """

    received_at: datetime
    credential: str
    headers: Mapping[str, str]
    body: bytes
    arrival_id: UUID
    is_member: bool


@dataclass(frozen=True, slots=True)
class QuarantineSelection:
    """Which quarantined notifications are meant.

    Attributes:
        credentials, states: any of them; empty: all.
        received_from, received_to: from inclusive, to exclusive.
    """

    credentials: Sequence[str] = ()
    states: Sequence[State] = ()
    received_from: datetime | None = None
    received_to: datetime | None = None


_BY_ARRIVAL = Keyset(quarantine.c.received_at, quarantine.c.id)

SHOWN = (
    quarantine.c.id,
    quarantine.c.received_at,
    quarantine.c.credential,
    quarantine.c.reason,
    quarantine.c.media_type,
    func.octet_length(quarantine.c.body).label("size_bytes"),
    quarantine.c.state,
    quarantine.c.reprocessed_at,
)
KEPT = (
    quarantine.c.headers,
    quarantine.c.body,
    quarantine.c.arrival_id,
    quarantine.c.is_member,
)


def page_statement(
    selection: QuarantineSelection,
    *,
    order: Order,
    limit: int,
    after: QuarantinePosition | None = None,
) -> Select[*tuple[Any, ...]]:
    """One page in keyset order; public for the test that reads its plan."""
    c = quarantine.c
    conditions: list[ColumnElement[bool]] = []
    if selection.credentials:
        conditions.append(c.credential.in_(selection.credentials))
    if selection.states:
        conditions.append(c.state.in_(selection.states))
    if selection.received_from is not None:
        conditions.append(c.received_at >= selection.received_from)
    if selection.received_to is not None:
        conditions.append(c.received_at < selection.received_to)
    if after is not None:
        conditions.append(_BY_ARRIVAL.beyond(order, (after.received_at, after.number)))
    return select(*SHOWN).where(*conditions).order_by(*_BY_ARRIVAL.sorting(order)).limit(limit)


def quarantined(row: Row[*tuple[Any, ...]]) -> Quarantined:
    """The value of a row of `SHOWN`."""
    return Quarantined(
        number=row.id,
        received_at=row.received_at,
        credential=row.credential,
        reason=row.reason,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        state=State(row.state),
        reprocessed_at=row.reprocessed_at,
    )


def kept(row: Row[*tuple[Any, ...]]) -> Kept:
    """The value of a row of `KEPT`, `received_at` and `credential` among it."""
    return Kept(
        received_at=row.received_at,
        credential=row.credential,
        headers=row.headers,
        body=row.body,
        arrival_id=row.arrival_id,
        is_member=row.is_member,
    )
