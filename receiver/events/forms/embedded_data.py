"""Data that stands as text in its event: `data_base64` (CloudEvents 1.0.2, JSON), or a string."""

import re
from base64 import b64encode
from binascii import a2b_base64

from receiver.errors import NotificationRefused
from receiver.events.findings import Finding
from receiver.events.forms import strict_json
from receiver.events.forms.attributes import is_json_media_type, make_digest

# The event is one level deeper than its data.
_DEPTH_LIMIT = strict_json.DEPTH_LIMIT - 1

_BETWEEN_DIGITS = re.compile(r"[ \t\r\n]++")
_DIGITS = re.compile(r"[A-Za-z0-9+/]*+")
_URL_SAFE = str.maketrans("-_", "+/")


def read_data(
    document: dict[str, object], findings: set[Finding]
) -> tuple[object, dict[str, object] | None, NotificationRefused | None]:
    """Reads the data of an event from `data` and `data_base64`.

    Returns:
        The value for the digest, the same whether it was embedded or not, and both values if they
        contradict each other; its members, or None; why an event of a known type is refused.
    """
    said, fault = _read_plain(document.get("data"), findings)
    encoded = document.get("data_base64")
    if encoded is not None:
        decoded, fault_of_base64 = _read_base64(encoded, document.get("datacontenttype"), findings)
        if said is None:
            said, fault = decoded, fault_of_base64
        elif fault_of_base64 is None and make_digest(said) != make_digest(decoded):
            contradiction = NotificationRefused("contradicts data", "data_base64")
            return {"data": said, "data_base64": decoded}, None, contradiction
        else:
            findings.add(Finding.DATA_GIVEN_TWICE)
    data = said if isinstance(said, dict) else None
    if data is None and said is not None and fault is None:
        fault = NotificationRefused("must be an object", "data")
    return said, data, fault


def _read_plain(said: object, findings: set[Finding]) -> tuple[object, NotificationRefused | None]:
    """Returns an object that a string holds as JSON; anything else as it is."""
    if not isinstance(said, str):
        return said, None
    if not said.lstrip().startswith("{"):
        return said, None
    try:
        value = _parse(said.encode(), "data")
    except NotificationRefused as refusal:
        return said, refusal
    findings.add(Finding.DATA_IN_A_STRING)
    return value, None


def _read_base64(
    encoded: object, content_type: object, findings: set[Finding]
) -> tuple[object, NotificationRefused | None]:
    """Returns the JSON value that base64 holds, None if it holds nothing; other bytes as base64."""
    if not isinstance(encoded, str):
        return encoded, NotificationRefused("must be a string", "data_base64")
    decoded = _decode(encoded)
    if decoded is None:
        return encoded, NotificationRefused("not valid base64", "data_base64")
    if not decoded:
        return None, None
    standard = b64encode(decoded).decode()
    if standard != encoded:
        findings.add(Finding.DATA_BASE64_NOT_STANDARD)
    if decoded.startswith(strict_json.BYTE_ORDER_MARK):
        findings.add(Finding.BYTE_ORDER_MARK)
        decoded = decoded.removeprefix(strict_json.BYTE_ORDER_MARK)
    try:
        value = _parse(decoded, "data_base64")
    except NotificationRefused as refusal:
        return standard, refusal
    if isinstance(value, dict) or content_type is None or is_json_media_type(content_type):
        return value, None
    return standard, None


def _decode(encoded: str) -> bytes | None:
    """Decodes base64 of one reading, whatever its alphabet, padding and line breaks; or None."""
    digits = _BETWEEN_DIGITS.sub("", encoded).rstrip("=").translate(_URL_SAFE)
    if len(digits) % 4 == 1 or not _DIGITS.fullmatch(digits):
        return None
    return a2b_base64(digits + "=" * (-len(digits) % 4))


def _parse(body: bytes, place: str) -> object:
    try:
        return strict_json.parse(body, _DEPTH_LIMIT)
    except NotificationRefused as refusal:
        inner = f"{place}, {refusal.place}" if refusal.place else place
        raise NotificationRefused(refusal.reason, inner) from None
