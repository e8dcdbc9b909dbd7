"""Subscription: the life of the subscription itself, the same in every API."""

from receiver.events.event import Kind, Status
from receiver.events.family import COMMON_MEMBERS, Family, Meaning, Members
from receiver.events.findings import Finding

# Characters; chosen, for CAMARA sets no limit: a description is a sentence or two.
_DESCRIPTION_LENGTH_LIMIT = 1024

# Of every release up to 0.8.0, and of the geofencing sibling.
TERMINATION_REASONS = frozenset(
    {
        "ACCESS_TOKEN_EXPIRED",
        "MAX_EVENTS_REACHED",
        "NETWORK_TERMINATED",
        "SUBSCRIPTION_DELETED",
        "SUBSCRIPTION_EXPIRED",
        "SUBSCRIPTION_UNPROCESSABLE",
    }
)
INITIATION_REASONS = frozenset({"SUBSCRIPTION_CREATED"})
UPDATE_REASONS = frozenset({"SUBSCRIPTION_ACTIVE", "SUBSCRIPTION_INACTIVE"})


def _read_start(members: Members) -> Status:
    """The subscription exists; from release 0.8.0."""
    return Status(
        initiation_reason=_read_reason(members, "initiationReason", INITIATION_REASONS),
        initiation_description=_read_description(members, "initiationDescription"),
    )


def _read_update(members: Members) -> Status:
    """The subscription became active or inactive; from release 0.8.0."""
    return Status(
        update_reason=_read_reason(members, "updateReason", UPDATE_REASONS),
        update_description=_read_description(members, "updateDescription"),
    )


def _read_end(members: Members) -> Status:
    """The subscription is over, and this is its last event: `-ends` up to 0.7.0, then `-ended`.

    Roaming 0.7.0 and 0.8.0 also require a `countryCode`, which they do not define.
    """
    return Status(
        termination_reason=_read_reason(members, "terminationReason", TERMINATION_REASONS),
        termination_description=_read_description(members, "terminationDescription"),
    )


def _read_reason(members: Members, name: str, known: frozenset[str]) -> str | None:
    said = members.take(name, Finding.REASON_INSIDE_DEVICE)
    reason = members.check_word(said, Finding.REASON_MALFORMED)
    if said is None:
        members.findings.add(Finding.REASON_MISSING)
    elif reason is not None and reason not in known:
        members.findings.add(Finding.REASON_UNKNOWN)
    return reason


def _read_description(members: Members, name: str) -> str | None:
    """Reads the sender's own words, from release 0.7.0."""
    said = members.take(name, Finding.REASON_INSIDE_DEVICE)
    if said is None or (isinstance(said, str) and len(said) <= _DESCRIPTION_LENGTH_LIMIT):
        return said
    members.findings.add(Finding.REASON_DESCRIPTION_MALFORMED)
    return said[:_DESCRIPTION_LENGTH_LIMIT] if isinstance(said, str) else None


_START = frozenset({"initiationReason", "initiationDescription"})
_UPDATE = frozenset({"updateReason", "updateDescription"})
_END = frozenset({"terminationReason", "terminationDescription"})

FAMILY = Family(
    meanings={
        "subscription-started": Meaning(
            Kind.SUBSCRIPTION, COMMON_MEMBERS | _START, _read_start, _START
        ),
        "subscription-updated": Meaning(
            Kind.SUBSCRIPTION, COMMON_MEMBERS | _UPDATE, _read_update, _UPDATE
        ),
        "subscription-ended": Meaning(Kind.SUBSCRIPTION, COMMON_MEMBERS | _END, _read_end, _END),
        "subscription-ends": Meaning(Kind.SUBSCRIPTION, COMMON_MEMBERS | _END, _read_end, _END),
    },
    synonyms=(("subscription-ends", "subscription-ended"),),
    apis_without_subscription_id=frozenset({".device-status."}),
)
