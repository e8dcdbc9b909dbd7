"""Binary mode (CloudEvents 1.0.2, HTTP binding): attributes in headers, `data` in the body."""

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

import orjson

from receiver.errors import NotificationRefused
from receiver.events.findings import Finding
from receiver.events.forms import cloudevent, strict_json
from receiver.events.forms.envelope import Envelope

_NOT_PERCENT_ENCODED = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)

# The body and its Content-Type stand for these attributes; no header overrules them.
_NO_HEADERS = frozenset({"data", "data_base64", "datacontenttype"})


def read_binary(attributes: Mapping[str, str], media_type: str, body: bytes) -> Envelope:
    """Reads one notification as the structured event to which it is equivalent.

    The payload is the JSON of that event, with the body to the letter as `data`. Digest, findings
    and meaning are therefore those of the same event in structured mode.

    An attribute that cannot be decoded is taken as it is, with a finding: the SDKs for Go and Java
    do not encode.

    Args:
        attributes: the `ce-*` headers, by lower-case name without the prefix, still encoded; bytes
            beyond ASCII as Latin-1, as HTTP servers hand them over.
        media_type: the Content-Type; empty if there is none.
        body: empty if the event has no data.

    Raises:
        NotificationRefused: an attribute is missing or makes no sense, or the body is not strict
            JSON; the place names the header (`ce-id`), or lies in the body.
    """
    findings: set[Finding] = set()
    texts = {
        name: _decode(value, f"ce-{name}", findings)
        for name, value in attributes.items()
        if name.isascii() and name.isprintable() and name not in _NO_HEADERS
    }
    if "specversion" not in texts:
        raise NotificationRefused("missing", "ce-specversion")
    if media_type:
        if "\0" in media_type:
            raise NotificationRefused("a NUL character", "content-type")
        texts["datacontenttype"] = media_type
    document: dict[str, object] = {**texts}
    payload = orjson.dumps(texts).decode()
    if body.startswith(strict_json.BYTE_ORDER_MARK):
        findings.add(Finding.BYTE_ORDER_MARK)
        body = body.removeprefix(strict_json.BYTE_ORDER_MARK)
    if body:
        # The structured event is one level deeper than its data.
        document["data"] = strict_json.parse(body, strict_json.DEPTH_LIMIT - 1)
        payload = f'{payload[:-1]},"data":{body.decode()}}}'
    try:
        envelope = cloudevent.lift(document, payload, findings)
    except NotificationRefused as refusal:
        # `lift` keeps a fault of the data in the envelope, so that this one is of an attribute.
        raise NotificationRefused(refusal.reason, f"ce-{refusal.place}") from None
    return envelope._replace(time_place="ce-time")


def _decode(value: str, place: str, findings: set[Finding]) -> str:
    if "\0" in value:
        raise NotificationRefused("a NUL character", place)
    quoted = _QUOTED.fullmatch(value)
    if quoted:
        value = _QUOTED_PAIR.sub(r"\1", quoted[1])
    if value.isascii() and "%" not in value:
        return value
    text = _decode_percent(value)
    if text is None or not value.isascii():
        findings.add(Finding.ATTRIBUTE_NOT_PERCENT_ENCODED)
    return value if text is None else text


def _decode_percent(value: str) -> str | None:
    """Returns the text that the bytes of a header encode; None: they encode none."""
    try:
        sent = value.encode("latin-1")
        text = unquote_to_bytes(sent).decode()
    except UnicodeError:
        return None
    return None if _NOT_PERCENT_ENCODED.search(sent) or "\0" in text else text
