"""Subscription: the life of the subscription itself, the same in every API."""

from receiver.events.event import Kind, Status
from receiver.events.findings import Finding
from receiver.events.payload import Payload, Word

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


class Started(Payload):
    """The subscription exists; from release 0.8.0."""

    kind = Kind.SUBSCRIPTION

    initiation_reason: Word | None = None

    def status(self, findings: set[Finding]) -> Status:
        """Say why."""
        _judge(self.initiation_reason, _INITIATION_REASONS, findings)
        return Status(initiation_reason=self.initiation_reason)


class Updated(Payload):
    """The subscription became active or inactive; from release 0.8.0."""

    kind = Kind.SUBSCRIPTION

    update_reason: Word | None = None

    def status(self, findings: set[Finding]) -> Status:
        """Say why."""
        _judge(self.update_reason, _UPDATE_REASONS, findings)
        return Status(update_reason=self.update_reason)


class Ended(Payload):
    """The subscription is over, and this was its last event: `-ends` up to 0.7.0, then `-ended`.

    Roaming 0.7.0 and 0.8.0 also require a `countryCode`, which they do not define.
    """

    kind = Kind.SUBSCRIPTION

    termination_reason: Word | None = None

    def status(self, findings: set[Finding]) -> Status:
        """Say why."""
        _judge(self.termination_reason, _TERMINATION_REASONS, findings)
        return Status(termination_reason=self.termination_reason)


def _judge(reason: str | None, known: frozenset[str], findings: set[Finding]) -> None:
    if reason is None:
        findings.add(Finding.REASON_MISSING)
    elif reason not in known:
        findings.add(Finding.REASON_UNKNOWN)


PAYLOADS: dict[str, type[Payload]] = {
    "subscription-started": Started,
    "subscription-updated": Updated,
    "subscription-ended": Ended,
    "subscription-ends": Ended,
}
