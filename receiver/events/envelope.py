"""From the bytes of one notification to its `Envelope`, by its form; blind to its type."""

from receiver.errors import NotificationRefused
from receiver.events import cloudevent, legacy, strict_json
from receiver.events.attributes import Envelope
from receiver.events.batch import split_batch
from receiver.events.binary import read_binary
from receiver.events.findings import Finding

__all__ = ["Envelope", "read", "read_binary", "split_batch"]


def read(body: bytes) -> Envelope:
    """Read one structured notification.

    Raises:
        NotificationRefused: not strict JSON, not an event, or an attribute makes no sense.
    """
    findings: set[Finding] = set()
    if body.startswith(strict_json.BYTE_ORDER_MARK):
        findings.add(Finding.BYTE_ORDER_MARK)
        body = body[len(strict_json.BYTE_ORDER_MARK) :]
    document = strict_json.parse(body)
    return _lift(document, body.decode(), findings)


def _lift(document: object, payload: str, findings: set[Finding]) -> Envelope:
    if not isinstance(document, dict):
        raise NotificationRefused("must be a JSON object")
    # `specversion` wins: a hybrid that carries `event` too is a CloudEvent.
    if document.get("specversion") is not None:
        return cloudevent.lift(document, payload, findings)
    event = document.get("event")
    if isinstance(event, dict):
        return legacy.lift(document, event, payload, findings)
    if document.get("eventType") is not None and document.get("eventTime") is not None:
        return legacy.lift_flat(document, payload, findings)
    raise NotificationRefused("neither a CloudEvent nor an object with an event object")
