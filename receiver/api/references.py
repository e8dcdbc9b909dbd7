"""The opaque words that readers are handed: ids of events, and cursors."""

import base64
import binascii
import hashlib
import struct
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from receiver.errors import InvalidArgument, RefusalNotFound
from receiver.store.quarantined import QuarantinePosition, QuarantineSelection
from receiver.store.selection import Order, Position, Selection
from receiver.store.stored_event import EventKey

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_KEY = struct.Struct(">16sqq")
_NUMBER = struct.Struct(">q")
_CURSOR = struct.Struct(">qqq8s")
_QUARANTINE_CURSOR = struct.Struct(">qq8s")


def event_reference(key: EventKey) -> str:
    """The row's key as one opaque word; `reporting.event.event_id` is the same."""
    return _written(_KEY.pack(key.device_id.bytes, _microseconds(key.stored_at), key.seq))


def event_key(reference: str) -> EventKey:
    """The key in a reference.

    Raises:
        ValueError: it is none.
    """
    device_id, stored_at, seq = _read(reference, _KEY)
    return EventKey(UUID(bytes=device_id), _from_microseconds(stored_at), seq)


def quarantine_reference(number: int) -> str:
    """The key of a quarantined notification as one opaque word."""
    return _written(_NUMBER.pack(number))


def quarantine_number(reference: str) -> int:
    """The key in a reference.

    Raises:
        RefusalNotFound: it is none of ours.
    """
    try:
        (number,) = _read(reference, _NUMBER)
    except ValueError:
        raise RefusalNotFound("Nothing in quarantine has this id") from None
    return int(number)


def _written(raw: bytes) -> str:
    """Bytes as a word that needs no escaping in a URL."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _read(word: str, shape: struct.Struct) -> tuple[Any, ...]:
    """The bytes of a word, unpacked.

    Raises:
        ValueError: it is not one of ours.
    """
    try:
        raw = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        return shape.unpack(raw)
    except (binascii.Error, struct.error) as error:
        raise ValueError("not a word of ours") from error


def _microseconds(time: datetime) -> int:
    """Whole microseconds since 1970; exact, where a float timestamp is not."""
    return (time - EPOCH) // timedelta(microseconds=1)


def _from_microseconds(microseconds: int) -> datetime:
    """The time that many microseconds after 1970.

    Raises:
        ValueError: it lies outside the calendar.
    """
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error


class Cursor:
    """Where the next page begins, bound to the question it was given for."""

    def __init__(self, selection: Selection, order: Order) -> None:
        self._question = _digest(selection, order)

    def write(self, position: Position) -> str:
        """The opaque word for a position."""
        raw = _CURSOR.pack(
            _microseconds(position.occurred_at),
            _microseconds(position.stored_at),
            position.seq,
            self._question,
        )
        return _written(raw)

    def read(self, cursor: str) -> Position:
        """The position of a word this question gave.

        Raises:
            InvalidArgument: no cursor, or one of another question.
        """
        try:
            occurred, stored, seq, question = _read(cursor, _CURSOR)
            position = Position(_from_microseconds(occurred), _from_microseconds(stored), seq)
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
        received = _microseconds(position.received_at)
        return _written(_QUARANTINE_CURSOR.pack(received, position.number, self._question))

    def read(self, cursor: str) -> QuarantinePosition:
        """The position of a word this question gave.

        Raises:
            InvalidArgument: no cursor, or one of another question.
        """
        try:
            received, number, question = _read(cursor, _QUARANTINE_CURSOR)
            position = QuarantinePosition(_from_microseconds(received), number)
        except ValueError:
            raise InvalidArgument("cursor: not a cursor") from None
        if question != self._question:
            raise InvalidArgument("cursor: belongs to other filters")
        return position


def _digest(selection: Selection | QuarantineSelection, order: Order) -> bytes:
    return hashlib.blake2b(repr((selection, order)).encode(), digest_size=8).digest()
