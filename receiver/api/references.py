"""Opaque cursors: where the next page begins."""

import hashlib
import struct

from receiver.errors import InvalidArgument
from receiver.ids import microseconds, read_word, time_of, write_word
from receiver.store.events.selection import Order, Position, Selection
from receiver.store.quarantine.quarantined import QuarantinePosition, QuarantineSelection

_CURSOR = struct.Struct(">qqq8s")
_QUARANTINE_CURSOR = struct.Struct(">qq8s")


class Cursor:
    """Where the next page begins, bound to the question it was given for."""

    def __init__(self, selection: Selection, order: Order) -> None:
        self._question = _digest(selection, order)

    def write(self, position: Position) -> str:
        """The opaque word for a position."""
        return write_word(
            _CURSOR,
            microseconds(position.occurred_at),
            microseconds(position.stored_at),
            position.seq,
            self._question,
        )

    def read(self, cursor: str) -> Position:
        """The position of a word this question gave.

        Raises:
            InvalidArgument: no cursor, or one of another question.
        """
        try:
            occurred, stored, seq, question = read_word(cursor, _CURSOR)
            position = Position(time_of(occurred), time_of(stored), seq)
        except ValueError:
            raise InvalidArgument("cursor: not a cursor") from None
        if question != self._question:
            raise InvalidArgument("cursor: belongs to other filters")
        return position


class QuarantineCursor:
    """Where the next page of the quarantine begins, bound to the question it was given for."""

    def __init__(self, selection: QuarantineSelection, order: Order) -> None:
        self._question = _digest(selection, order)

    def write(self, position: QuarantinePosition) -> str:
        """The opaque word for a position."""
        received = microseconds(position.received_at)
        return write_word(_QUARANTINE_CURSOR, received, position.number, self._question)

    def read(self, cursor: str) -> QuarantinePosition:
        """The position of a word this question gave.

        Raises:
            InvalidArgument: no cursor, or one of another question.
        """
        try:
            received, number, question = read_word(cursor, _QUARANTINE_CURSOR)
            position = QuarantinePosition(time_of(received), number)
        except ValueError:
            raise InvalidArgument("cursor: not a cursor") from None
        if question != self._question:
            raise InvalidArgument("cursor: belongs to other filters")
        return position


def _digest(selection: Selection | QuarantineSelection, order: Order) -> bytes:
    return hashlib.blake2b(repr((selection, order)).encode(), digest_size=8).digest()
