"""The `Envelope`: what every form is lifted to."""

from typing import NamedTuple

from receiver.errors import NotificationRefused
from receiver.events.event import Form
from receiver.events.findings import Finding


class Envelope(NamedTuple):
    """One notification without its wrapping, equal in shape for every form.

    Attributes:
        type: the CloudEvents `type`, or the legacy `eventType`, as sent.
        name: the event name that `type` stands for.
        source: None in the legacy form.
        event_id: the CloudEvents `id`, or the legacy `eventId`; None if there was none.
        time: as sent; None if there was none.
        data: the members of `data` or `eventDetail`, null ones too; None if there were none.
        payload: the JSON text as it arrived, without a byte order mark.
        digest: 16 bytes; equal exactly when two notifications say the same.
        findings: what the form forgave.
        time_place: the member of the time, for a refusal.
        fault: why an event of a known type is refused; an event of an unknown type is stored whole.
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
    fault: NotificationRefused | None
