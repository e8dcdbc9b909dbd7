"""Entries of the quarantine: their values, which of them a question means, and their pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select

from receiver.store.connections.keyset import ROW_BYTES, Keyset, Order
from receiver.store.quarantine.tables import quarantine


class RefusalState(StrEnum):
    """The fate of a refused body."""

    REFUSED = "refused"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class QuarantinePosition:
    """The last entry of a page."""

    received_at: datetime
    key: int


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """An entry of the quarantine without its body.

    Attributes:
        key: of the row.
        reason: of the latest refusal.
        size_bytes: of the body.
        reprocessed_at: time of the latest parsing after the first; None: there was none.
    """

    key: int
    received_at: datetime
    credential: str
    reason: str
    media_type: str | None
    size_bytes: int
    state: RefusalState
    reprocessed_at: datetime | None

    @property
    def position(self) -> QuarantinePosition:
        return QuarantinePosition(self.received_at, self.key)


@dataclass(frozen=True, slots=True)
class RefusedBody:
    """The bytes of an entry, and all that is needed to parse them again.

    Attributes:
        headers: by lower-case name, without those that carry a secret.
        arrival_id: the arrival as which it is stored, however often it is parsed again.
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
    """Chooses entries.

    Attributes:
        credentials, states: any of them; empty: all.
        received_from, received_to: from inclusive, to exclusive.
    """

    credentials: Sequence[str] = ()
    states: Sequence[RefusalState] = ()
    received_from: datetime | None = None
    received_to: datetime | None = None


_BY_ARRIVAL = Keyset(quarantine.c.received_at, quarantine.c.id)

ENTRY_COLUMNS = (
    quarantine.c.id,
    quarantine.c.received_at,
    quarantine.c.credential,
    quarantine.c.reason,
    quarantine.c.media_type,
    func.octet_length(quarantine.c.body).label("size_bytes"),
    quarantine.c.state,
    quarantine.c.reprocessed_at,
)
# All texts of an entry that vary in size.
BYTES = func.octet_length(
    func.concat(quarantine.c.credential, quarantine.c.reason, quarantine.c.media_type)
).label(ROW_BYTES)
BODY_COLUMNS = (
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
    limit_bytes: int,
    after: QuarantinePosition | None = None,
) -> Select[*tuple[Any, ...]]:
    """Returns the question for one page; public for the test that reads its plan."""
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
        conditions.append(_BY_ARRIVAL.beyond(order, (after.received_at, after.key)))
    page = select(*ENTRY_COLUMNS, BYTES).where(*conditions)
    page = page.order_by(*_BY_ARRIVAL.sorting(order)).limit(limit)
    return _BY_ARRIVAL.cut(page, order, limit_bytes)


def read_entry(row: Row[*tuple[Any, ...]]) -> QuarantineEntry:
    """Returns the entry in a row of `ENTRY_COLUMNS`."""
    return QuarantineEntry(
        key=row.id,
        received_at=row.received_at,
        credential=row.credential,
        reason=row.reason,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        state=RefusalState(row.state),
        reprocessed_at=row.reprocessed_at,
    )


def read_body(row: Row[*tuple[Any, ...]]) -> RefusedBody:
    """Returns the body in a row of `ENTRY_COLUMNS` and `BODY_COLUMNS`."""
    return RefusedBody(
        received_at=row.received_at,
        credential=row.credential,
        headers=row.headers,
        body=row.body,
        arrival_id=row.arrival_id,
        is_member=row.is_member,
    )
