"""The `Envelope`: what every form is lifted to."""

from typing import NamedTuple

from receiver.errors import NotificationRefused
from receiver.events.event import Form
from receiver.events.findings import Finding


class Envelope(NamedTuple):
    """One notification with its wrapping taken off, whatever form it came in.

    Attributes:
        type: the CloudEvents `type`, or the legacy `eventType`, as sent.
        name: the event name that `type` stands for.
        source: None in the legacy form.
        event_id: the CloudEvents `id`, or the legacy `eventId` where there was one.
        time: as sent; None where the sender gave none.
        data: the members of `data` or `eventDetail`, null ones too; None where there were none.
        payload: the JSON text as it arrived, without a byte order mark.
        digest: 16 bytes; equal exactly when two notifications say the same.
        findings: what was forgiven so far.
        time_place: where the time was sent, or would have been.
        data_place: where `data` was.
        fault: why an event of a known type must be refused; one of an unknown type is kept.
    """

    form: Form
    type: str
    name: str
    source: str | None
    event_id: str | None
    time: str | None
    subscription_id: str | None
    data: dict[str, object] | None
    payload: str
    digest: bytes
    findings: frozenset[Finding]
    time_place: str
    data_place: str
    fault: NotificationRefused | None
