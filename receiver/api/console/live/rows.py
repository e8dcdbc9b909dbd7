"""The live stream with rows of a table in place of JSON, so that pages are made in one place.

| block of the API | block for the page |
|---|---|
| an event | the same id, its row as the data |
| more events in one piece than a page shows | `skipped` with their number, then the latest |
| `gap`, `end` | the same, with a sentence as the data |
| a place, a heartbeat, how long to wait | the same |
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

# Rows that a page shows; older ones go.
SHOWN = 500

SEPARATOR = b"\n\n"

WriteRow = Callable[[Mapping[str, Any]], str]

SENTENCES = {
    "lagged": "This page was too slow to show all; it goes on from here.",
    "reset": "The service began anew; this page goes on from here.",
    "unauthenticated": "This session is over. Sign in again.",
    "unavailable": "The database cannot be asked; this page tries again.",
    "stopping": "The service is stopping; this page tries again.",
}


class Rows:
    """Rewrites the pieces of one stream.

    Args:
        write_row: returns the row of an event, as HTML.
    """

    def __init__(self, write_row: WriteRow) -> None:
        self._write_row = write_row
        self._rest = b""

    def rewrite(self, piece: bytes) -> bytes:
        """Returns the next piece for the page; what is no whole block yet waits."""
        *blocks, self._rest = (self._rest + piece).split(SEPARATOR)
        told = [block for block in blocks if is_event(block)]
        kept = set(map(id, told[-SHOWN:]))
        written = []
        if len(told) > SHOWN:
            written.append(b"event: skipped\ndata: %d" % (len(told) - SHOWN))
        for block in blocks:
            if not is_event(block):
                written.append(_explain(block))
            elif id(block) in kept:
                written.append(self._write(block))
        return b"".join(block + SEPARATOR for block in written)

    def _write(self, block: bytes) -> bytes:
        head, _, data = block.partition(b"\ndata: ")
        row = self._write_row(orjson.loads(data))
        # A line break in the data begins another line of it.
        lines = b"".join(b"\ndata: " + line for line in row.encode().splitlines() if line)
        return head + lines


def is_event(block: bytes) -> bool:
    """Tells whether a block has an event of the history."""
    return block.startswith(b"id: ") and b"\ndata: " in block


def _explain(block: bytes) -> bytes:
    if block.startswith(b"event: end"):
        data = orjson.loads(block.partition(b"\ndata: ")[2])
        # Told in words; the reason tells the script whether to come back.
        name = b"over" if data["reason"] == "unauthenticated" else b"pause"
        return b"event: " + name + b"\ndata: " + SENTENCES[data["reason"]].encode()
    if block.startswith(b"event: gap"):
        data = orjson.loads(block.partition(b"\ndata: ")[2])
        return b"event: pause\ndata: Events are kept from %s on; older ones are missing." % (
            data["keptFrom"].encode()
        )
    return block
