"""Content codings (RFC 9110, section 8.4.1): the bytes for which a compressed body stands."""

import zlib
from collections.abc import Callable, Mapping

from receiver.errors import BodyTooLarge, CodingUnsupported, NotificationRefused

HEADER = "content-encoding"

# As an `Accept-Encoding` says it.
ACCEPTED = "gzip, deflate"

# Codings of one body; chosen: a sender and a proxy that compress both are known, more are not.
CODINGS_MAX = 2

# Members of one gzip body, which may be several put together; chosen: each costs a fresh window of
# 32 KiB, and compressors that split do so at 64 KiB or more.
GZIP_MEMBERS_MAX = 16

# The registered codings that are not read (IANA, HTTP Content Coding Registry). An error names no
# other, for a name may be anything.
_REGISTERED = frozenset(
    {"aes128gcm", "br", "compress", "dcb", "dcz", "exi", "pack200-gzip", "zstd"}
)

_GZIP_MAGIC = b"\x1f\x8b"

# For zlib: the largest window, and which wrapper is around the stream.
_GZIP_WRAPPER = 16 + zlib.MAX_WBITS
_ZLIB_WRAPPER = zlib.MAX_WBITS
_NO_WRAPPER = -zlib.MAX_WBITS


def is_coded(headers: Mapping[str, str]) -> bool:
    """Whether the headers name a coding other than `identity`.

    Args:
        headers: by lower-case name.
    """
    return HEADER in headers and bool(_list_codings(headers))


def is_gzip(body: bytes) -> bool:
    """Whether a body begins as gzip does, and as JSON cannot."""
    return body.startswith(_GZIP_MAGIC)


def decode(headers: Mapping[str, str], body: bytes, limit_bytes: int) -> tuple[bytes, bool]:
    """Undoes the codings that the headers name.

    Args:
        headers: by lower-case name.
        limit_bytes: of the decoded body; no more of it is ever in memory.

    Returns:
        The decoded body, and whether it was coded as the headers say: gzip that they do not name is
        decoded all the same, once, and JSON with a header too many is left as it is.

    Raises:
        BodyTooLarge: the body exceeds the limit once it is decoded.
        CodingUnsupported: a coding is neither gzip nor deflate, or there are too many.
        NotificationRefused: the body is corrupt or ends too early.
    """
    codings = _list_codings(headers)
    for coding in codings:
        if coding not in _DECODERS:
            named = f", not {coding}" if coding in _REGISTERED else ""
            raise CodingUnsupported(f"Content-Encoding must be gzip, deflate or identity{named}")
    if len(codings) > CODINGS_MAX:
        raise CodingUnsupported(f"Content-Encoding: more than {CODINGS_MAX} codings")
    for coding in reversed(codings):
        try:
            body = _DECODERS[coding](body, limit_bytes)
        except NotificationRefused:
            if body.lstrip()[:1] not in (b"{", b"["):
                raise
            return body, False
    if is_gzip(body):
        return _decode_gzip(body, limit_bytes), False
    return body, True


def _list_codings(headers: Mapping[str, str]) -> list[str]:
    """Returns the names in the order in which the codings were applied, `identity` left out."""
    names = (name.strip().lower() for name in headers.get(HEADER, "").split(","))
    return [name for name in names if name not in {"", "identity"}]


def _decode_gzip(body: bytes, limit_bytes: int) -> bytes:
    plain, rest = _inflate(body, _GZIP_WRAPPER, limit_bytes, "gzip")
    for _ in range(1, GZIP_MEMBERS_MAX):
        if not rest:
            return plain
        more, rest = _inflate(rest, _GZIP_WRAPPER, limit_bytes - len(plain), "gzip")
        plain += more
    if rest:
        raise NotificationRefused(f"more than {GZIP_MEMBERS_MAX} gzip members", HEADER)
    return plain


def _decode_deflate(body: bytes, limit_bytes: int) -> bytes:
    try:
        plain, rest = _inflate(body, _ZLIB_WRAPPER, limit_bytes, "deflate")
    except NotificationRefused:
        # Some senders leave out the wrapper that the coding asks for (RFC 9110, section 8.4.1.2).
        plain, rest = _inflate(body, _NO_WRAPPER, limit_bytes, "deflate")
    if rest:
        raise NotificationRefused("bytes behind the end of the deflate body", HEADER)
    return plain


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _decode_gzip,
    "x-gzip": _decode_gzip,
    "deflate": _decode_deflate,
}


def _inflate(body: bytes, wrapper: int, limit_bytes: int, coding: str) -> tuple[bytes, bytes]:
    """Returns the decompressed bytes of one stream, and what follows its end."""
    inflater = zlib.decompressobj(wrapper)
    try:
        plain = inflater.decompress(body, limit_bytes + 1)
    except zlib.error:
        raise NotificationRefused(f"not a valid {coding} body", HEADER) from None
    if len(plain) > limit_bytes:
        raise BodyTooLarge("The body is larger than its limit once it is decompressed")
    if not inflater.eof:
        raise NotificationRefused(f"the {coding} body ends too early", HEADER)
    return plain, inflater.unused_data
