"""Structured mode (CloudEvents 1.0.2, HTTP binding), and the legacy forms that share it."""

from receiver.errors import NotificationRefused
from receiver.events.findings import Finding
from receiver.events.forms import cloudevent, legacy, strict_json
from receiver.events.forms.envelope import Envelope


def read_structured(body: bytes, document: object = None) -> Envelope:
    """Reads one notification that is all in its body.

    Args:
        document: what `strict_json.parse` returned of the body; None: it is not parsed yet.

    Raises:
        NotificationRefused: the body is not strict JSON, or not an event, or an attribute makes no
            sense.
    """
    findings: set[Finding] = set()
    if body.startswith(strict_json.BYTE_ORDER_MARK):
        findings.add(Finding.BYTE_ORDER_MARK)
        body = body[len(strict_json.BYTE_ORDER_MARK) :]
    if document is None:
        document = strict_json.parse(body)
    return _lift(document, body.decode(), findings)


def _lift(document: object, payload: str, findings: set[Finding]) -> Envelope:
    if not isinstance(document, dict):
        raise NotificationRefused("must be a JSON object")
    # A hybrid carries `event` too, and is a CloudEvent.
    if document.get("specversion") is not None:
        return cloudevent.lift(document, payload, findings)
    event = document.get("event")
    if isinstance(event, dict):
        return legacy.lift(document, event, payload, findings)
    if document.get("eventType") is not None and document.get("eventTime") is not None:
        return legacy.lift_flat(document, payload, findings)
    raise NotificationRefused("neither a CloudEvent nor an object with an event object")
