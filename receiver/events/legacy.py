"""The legacy form of CAMARA's 2023 drafts and Nokia: `event` and `eventDetail`."""

import re

from receiver.errors import NotificationRefused
from receiver.events.attributes import (
    Envelope,
    digest,
    first_subscription_id,
    required_text,
    text,
)
from receiver.events.event import Form
from receiver.events.findings import Finding

_TYPE_LENGTH_LIMIT = 512
_ID_LENGTH_LIMIT = 256

# Event types whose name depends on another member: that member, and what its values mean.
_DECIDED_BY = {
    "CONNECTIVITY": (
        "deviceStatus",
        {"REACHABLE": "connectivity", "UNREACHABLE": "connectivity-disconnected"},
    ),
    "UE_REACHABILITY": (
        "reachabilityType",
        {"DATA": "connectivity-data", "SMS": "connectivity-sms"},
    ),
}
_DECIDED_BY["DEVICE_STATUS_CHANGED"] = _DECIDED_BY["CONNECTIVITY"]

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_A_WORD = re.compile(r"[^A-Za-z0-9]+")


def lift(
    document: dict[str, object],
    event: dict[str, object],
    payload: str,
    findings: set[Finding],
) -> Envelope:
    """Take the envelope off `{"eventSubscriptionId": …, "event": {"eventType": …, …}}`.

    The digest says the subscription id as text, absent as null, and `event`.

    Raises:
        NotificationRefused: `eventType` or `eventDetail` is missing, or a member makes no sense.
    """
    type_ = required_text(
        event.get("eventType"),
        "event.eventType",
        _TYPE_LENGTH_LIMIT,
        Finding.TYPE_NOT_A_STRING,
        findings,
    )
    detail = event.get("eventDetail")
    if not isinstance(detail, dict):
        reason = "missing" if detail is None else "must be an object"
        raise NotificationRefused(reason, "event.eventDetail")
    time = event.get("eventTime")
    if not (time is None or isinstance(time, str)):
        raise NotificationRefused("must be a string", "event.eventTime")
    event_id = text(
        event.get("eventId"), "event.eventId", _ID_LENGTH_LIMIT, Finding.ID_NOT_A_STRING, findings
    )
    outer = [(place, document.get(place)) for place in ("eventSubscriptionId", "subscriptionId")]
    outer_id, _ = first_subscription_id(outer, findings)
    subscription_id, fault = first_subscription_id(
        (*outer, ("event.eventDetail.subscriptionId", detail.get("subscriptionId"))), findings
    )
    return Envelope(
        form=Form.LEGACY,
        type=type_,
        name=_name(type_, detail),
        source=None,
        event_id=event_id or None,
        time=time,
        subscription_id=subscription_id,
        data=detail,
        payload=payload,
        digest=digest(outer_id, event),
        findings=frozenset(findings),
        fault=fault,
    )


def _name(event_type: str, detail: dict[str, object]) -> str:
    """Give the event name that the CloudEvents form has for it."""
    # First of all: Nokia's end of a subscription keeps the eventType of its subscription.
    if detail.get("terminationReason") is not None:
        return "subscription-ends"
    if event_type == "LOSS_OF_CONNECTIVITY":
        return "connectivity-disconnected"
    if event_type not in _DECIDED_BY:
        last_segment = event_type.rpartition(".")[2]
        return _NOT_A_WORD.sub("-", _WORD_START.sub("-", last_segment)).lower()
    member, names = _DECIDED_BY[event_type]
    said = detail.get(member)
    if said is None:
        return "connectivity"
    if not (isinstance(said, str) and said in names):
        raise NotificationRefused(
            f"must be one of {', '.join(names)}", f"event.eventDetail.{member}"
        )
    return names[said]
