"""The bytes of a refused notification as people read them: as text, or in hexadecimal."""

import base64
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from receiver.api.console.senders.texts import show_marks

# What one page shows: a notification usually has a thousand characters, and 256 KiB at most.
TEXT_LENGTH = 50_000
HEX_BYTES = 4096

ROW_BYTES = 16

# Control characters that a text may have.
PLAIN_CONTROLS = frozenset("\t\n\r")


@dataclass(frozen=True, slots=True)
class ShownBody:
    """A body.

    Attributes:
        is_text: whether `content` is a text; else it is in hexadecimal.
        content: what is shown of it.
        left_out: characters or bytes that are not shown.
    """

    is_text: bool
    content: str
    left_out: int


def show_body(item: Mapping[str, Any]) -> ShownBody:
    """Returns the body of an item of `GET /quarantine/{id}`."""
    if item["bodyEncoding"] == "base64":
        return _show_bytes(base64.b64decode(item["body"]))
    text: str = item["body"]
    if _has_controls(text):
        return _show_bytes(text.encode())
    return ShownBody(True, show_marks(text[:TEXT_LENGTH]), max(len(text) - TEXT_LENGTH, 0))


def write_hex(content: bytes) -> str:
    """Returns lines of an offset, sixteen bytes, and what of them is ASCII."""
    lines = []
    for offset in range(0, len(content), ROW_BYTES):
        row = content[offset : offset + ROW_BYTES]
        ascii_ = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{offset:06x}  {row.hex(' '):<{ROW_BYTES * 3}} {ascii_}")
    return "\n".join(lines)


def _show_bytes(content: bytes) -> ShownBody:
    return ShownBody(False, write_hex(content[:HEX_BYTES]), max(len(content) - HEX_BYTES, 0))


def _has_controls(text: str) -> bool:
    """Whether a text has characters that a page cannot show."""
    return any(unicodedata.category(one) == "Cc" and one not in PLAIN_CONTROLS for one in text)
