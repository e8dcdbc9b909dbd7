"""The opaque id of an entry of the quarantine carries the key of its row."""

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
        RefusalNotFound: the word is no id of the quarantine.
    """
    try:
        (key,) = read_word(quarantine_id, _ID)
    except ValueError:
        raise RefusalNotFound from None
    return int(key)
