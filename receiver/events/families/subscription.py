"""Subscription: the life of the subscription itself, the same in every API."""

from receiver.events.event import Kind, Status
from receiver.events.findings import Finding
from receiver.events.payload import Payload, Sent

# Of every release up to 0.8.0, and of the geofencing sibling.
_TERMINATION_REASONS = frozenset(
    {
        "ACCESS_TOKEN_EXPIRED",
        "MAX_EVENTS_REACHED",
        "NETWORK_TERMINATED",
        "SUBSCRIPTION_DELETED",
        "SUBSCRIPTION_EXPIRED",
        "SUBSCRIPTION_UNPROCESSABLE",
    }
)
_INITIATION_REASONS = frozenset({"SUBSCRIPTION_CREATED"})
_UPDATE_REASONS = frozenset({"SUBSCRIPTION_ACTIVE", "SUBSCRIPTION_INACTIVE"})


def started(sent: Sent) -> Status:
    """The subscription exists; from release 0.8.0."""
    return Status(initiation_reason=_reason(sent, "initiationReason", _INITIATION_REASONS))


def updated(sent: Sent) -> Status:
    """The subscription became active or inactive; from release 0.8.0."""
    return Status(update_reason=_reason(sent, "updateReason", _UPDATE_REASONS))


def ended(sent: Sent) -> Status:
    """The subscription is over, and this was its last event: `-ends` up to 0.7.0, then `-ended`.

    Roaming 0.7.0 and 0.8.0 also require a `countryCode`, which they do not define.
    """
    return Status(termination_reason=_reason(sent, "terminationReason", _TERMINATION_REASONS))


def _reason(sent: Sent, name: str, known: frozenset[str]) -> str | None:
    reason = sent.word(name)
    if reason is None:
        sent.findings.add(Finding.REASON_MISSING)
    elif reason not in known:
        sent.findings.add(Finding.REASON_UNKNOWN)
    return reason


PAYLOADS = {
    "subscription-started": Payload(Kind.SUBSCRIPTION, started),
    "subscription-updated": Payload(Kind.SUBSCRIPTION, updated),
    "subscription-ended": Payload(Kind.SUBSCRIPTION, ended),
    "subscription-ends": Payload(Kind.SUBSCRIPTION, ended),
}
