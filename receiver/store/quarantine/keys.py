"""The key of a quarantined notification, and the opaque id that carries it."""

import struct

from receiver.errors import RefusalNotFound
from receiver.ids import read_word, write_word

_ID = struct.Struct(">q")


def write_quarantine_id(key: int) -> str:
    """Returns the `id` that admins get."""
    return write_word(_ID, key)


def read_quarantine_id(quarantine_id: str) -> int:
    """Returns the key in an `id`.

    Raises:
        RefusalNotFound: it is not an id of the quarantine.
    """
    try:
        (key,) = read_word(quarantine_id, _ID)
    except ValueError:
        raise RefusalNotFound from None
    return int(key)
