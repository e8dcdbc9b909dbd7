"""What a page holds of each of its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row

from receiver.store.events.selection import Position
from receiver.store.events.stored_event import BYTES, COLUMNS


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What a page holds of each event; one object for each kind of page, as statements are shared.

    Attributes:
        columns: those of the key and of the position among them.
        size: about the bytes that a row of them takes; the column ROW_BYTES.
    """

    columns: Sequence[ColumnElement[Any]]
    size: ColumnElement[int]


# All but the payload.
EVENTS = Content(COLUMNS, BYTES)


def position_of(row: Row[*tuple[Any, ...]]) -> Position:
    """Returns the position of the event in a row of any content."""
    columns = row._mapping
    return Position(columns["occurred_at"], columns["stored_at"], columns["seq"])
