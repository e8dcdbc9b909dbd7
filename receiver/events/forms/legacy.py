"""The legacy forms of 2023: an `event` object, or in the first drafts a flat one, lifted."""

import re

from receiver.errors import NotificationRefused
from receiver.events.devices import drafts
from receiver.events.event import Form
from receiver.events.findings import Finding
from receiver.events.forms.attributes import digest, first_subscription_id, required_text, text
from receiver.events.forms.envelope import Envelope

_TYPE_LENGTH_LIMIT = 512
_ID_LENGTH_LIMIT = 256
_SUBSCRIPTION_IDS = ("eventSubscriptionId", "subscriptionId")

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
    outer = [(place, document.get(place)) for place in _SUBSCRIPTION_IDS]
    outer_id, _ = first_subscription_id(outer, findings)
    return _lifted(event, "event.", outer, payload, digest(outer_id, event), findings)


def lift_flat(document: dict[str, object], payload: str, findings: set[Finding]) -> Envelope:
    """Take the envelope off `{"subscriptionId": …, "eventType": …, "eventTime": …, …}`.

    The digest says "flat", the subscription id as text, absent as null, and an object of all other
    members: with nothing around the event, any of them may be part of what it says.

    Raises:
        NotificationRefused: as `lift`.
    """
    findings.add(Finding.DRAFT_FORM)
    outer = [(place, document.get(place)) for place in reversed(_SUBSCRIPTION_IDS)]
    outer_id, _ = first_subscription_id(outer, findings)
    event = {name: said for name, said in document.items() if name not in _SUBSCRIPTION_IDS}
    identity = digest("flat", outer_id, event)
    return _lifted(event, "", outer, payload, identity, findings)


def _lifted(
    event: dict[str, object],
    place: str,
    outer: list[tuple[str, object]],
    payload: str,
    identity: bytes,
    findings: set[Finding],
) -> Envelope:
    """Make the envelope of an event whose members stand in `place`, a prefix of their names."""
    detail_place = f"{place}eventDetail"
    time_place = f"{place}eventTime"
    type_ = required_text(
        event.get("eventType"),
        f"{place}eventType",
        _TYPE_LENGTH_LIMIT,
        Finding.TYPE_NOT_A_STRING,
        findings,
    )
    detail = event.get("eventDetail")
    if not isinstance(detail, dict):
        reason = "missing" if detail is None else "must be an object"
        raise NotificationRefused(reason, detail_place)
    time = event.get("eventTime")
    if not (time is None or isinstance(time, str)):
        raise NotificationRefused("must be a string", time_place)
    event_id = text(
        event.get("eventId"), f"{place}eventId", _ID_LENGTH_LIMIT, Finding.ID_NOT_A_STRING, findings
    )
    subscription_id, fault = first_subscription_id(
        (*outer, (f"{detail_place}.subscriptionId", detail.get("subscriptionId"))), findings
    )
    data = detail
    try:
        data = drafts.completed(detail, event, findings)
    except NotificationRefused as refusal:
        fault = fault or refusal
    return Envelope(
        form=Form.LEGACY,
        type=type_,
        name=_name(type_, detail, detail_place),
        source=None,
        event_id=event_id or None,
        time=time,
        subscription_id=subscription_id,
        data=data,
        payload=payload,
        digest=identity,
        findings=frozenset(findings),
        time_place=time_place,
        data_place=detail_place,
        fault=fault,
    )


def _name(event_type: str, detail: dict[str, object], place: str) -> str:
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
        raise NotificationRefused(f"must be one of {', '.join(names)}", f"{place}.{member}")
    return names[said]
