"""A search for identifiers in any bytes, whether they can be parsed or not."""

import re
import unicodedata
import zlib
from binascii import a2b_base64
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from receiver.events.devices import identifiers
from receiver.events.event import Device

# Escapes inside of escapes, such as JSON in a string in a form; more are not known.
LAYERS = 4

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_URL_SAFE = str.maketrans("-_", "+/")
# For zlib: the largest window, and gzip or its own wrapper, whichever it finds.
_ANY_WRAPPER = 32 + zlib.MAX_WBITS

# What may stand between two digits of a phone number, a zero that is dialled at home included.
_BETWEEN = (
    r"(?:[\s().\-\u2010-\u2015\u2212\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
    r"|(?<=\()0(?=\)))*"
)
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{3,45}")
_NUMBER = re.compile(r"[0-9]+")


class Needles:
    """Finds phone numbers, network access identifiers and addresses in a text.

    Args:
        phone_numbers: as + and digits.
        addresses: devices that an address identifies.
        words: found where a JSON string is exactly one of them.
    """

    def __init__(
        self,
        phone_numbers: Iterable[str],
        network_access_identifiers: Iterable[str],
        addresses: Iterable[Device],
        words: Iterable[str],
    ) -> None:
        patterns = [
            rf"(?<![0-9])(?:00)?{_BETWEEN.join(number.removeprefix('+'))}(?![0-9])"
            for number in phone_numbers
        ]
        patterns += [
            rf"(?<![\w@.+-]){re.escape(one)}(?![\w@-]|\.\w)" for one in network_access_identifiers
        ]
        patterns += [f'"{re.escape(word)}"' for word in words]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None
        self._addresses = list(addresses)

    def are_in(self, text: str) -> bool:
        """Tells whether one of them is in a text, in any notation."""
        if not text.isascii():
            text = "".join(map(_write_digit, unicodedata.normalize("NFKC", text)))
        if self._pattern is not None and self._pattern.search(text) is not None:
            return True
        return bool(self._addresses) and self._has_address(text)

    def _has_address(self, text: str) -> bool:
        words = {word.strip(".:") if "::" not in word else word for word in _ADDRESS.findall(text)}
        found: set[object] = {identifiers.parse_ipv4_address(word) for word in words}
        found |= {identifiers.parse_ipv6_address(word) for word in words}
        # An address before a port, as in 203.0.113.7:4711.
        found |= {identifiers.parse_ipv4_address(word.partition(":")[0]) for word in words}
        ports = set(_NUMBER.findall(text))
        return any(
            found.issuperset(
                {one.ipv4_public_address, one.ipv4_private_address, one.ipv6_address} - {None}
            )
            and (one.ipv4_public_port is None or str(one.ipv4_public_port) in ports)
            for one in self._addresses
        )


def list_readings(body: bytes, limit_bytes: int) -> Iterator[str]:
    """Yields the texts that bytes may stand for: as they are, unescaped, decompressed, decoded.

    Args:
        limit_bytes: of what is decompressed.
    """
    for plain in (body, _decompress(body, limit_bytes)):
        for text in _decode(plain):
            yield from _list_layers(text)


def _list_layers(text: str) -> Iterator[str]:
    """Yields a text, what it is once escapes are undone, and what base64 in it holds."""
    for _ in range(LAYERS):
        yield text
        for found in _BASE64.findall(text):
            digits = found.translate(_URL_SAFE)
            digits = digits[:-1] if len(digits) % 4 == 1 else digits
            yield from _decode(a2b_base64(digits + "=" * (-len(digits) % 4)))
        unescaped = _ESCAPE.sub(_unescape, unquote(text))
        if unescaped == text:
            break
        text = unescaped


def _decode(plain: bytes) -> Iterator[str]:
    yield plain.decode(errors="replace")
    if b"\0" in plain:
        # UTF-16, which no sender may use.
        yield plain.decode("utf-16-le", errors="replace")
        yield plain.decode("utf-16-be", errors="replace")


def _decompress(body: bytes, limit_bytes: int) -> bytes:
    """Returns as much as can be decompressed; nothing of what is not compressed."""
    inflater = zlib.decompressobj(_ANY_WRAPPER)
    plain = b""
    try:
        # In pieces, so that what stands before a fault is kept.
        for first in range(0, len(body), 256):
            plain += inflater.decompress(body[first : first + 256], limit_bytes)
            if len(plain) > limit_bytes or inflater.eof:
                break
    except zlib.error:
        pass
    return plain


def _unescape(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]


def _write_digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
