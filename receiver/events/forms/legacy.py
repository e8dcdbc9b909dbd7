"""The legacy form of 2023: an `event` object; and the flat form of the first drafts."""

from receiver.errors import NotificationRefused
from receiver.events.devices import drafts
from receiver.events.event import Form
from receiver.events.findings import Finding
from receiver.events.forms.attributes import (
    choose_subscription_id,
    make_digest,
    require_text,
    take_text,
)
from receiver.events.forms.envelope import Envelope
from receiver.events.forms.legacy_names import find_name

# Characters: as the attributes of a CloudEvent, for the drafts set no limit.
_TYPE_LENGTH_LIMIT = 512
_ID_LENGTH_LIMIT = 256
_SUBSCRIPTION_IDS = ("eventSubscriptionId", "subscriptionId")


def lift(
    document: dict[str, object],
    event: dict[str, object],
    payload: str,
    findings: set[Finding],
) -> Envelope:
    """Lifts `{"eventSubscriptionId": …, "event": {"eventType": …, …}}` to its envelope.

    The digest covers the subscription id as text, absent as null, and `event`.

    Raises:
        NotificationRefused: `eventType` or `eventDetail` is missing, or a member makes no sense.
    """
    outer = [(place, document.get(place)) for place in _SUBSCRIPTION_IDS]
    outer_id, _ = choose_subscription_id(outer, findings)
    return _lift(event, "event.", outer, payload, make_digest(outer_id, event), findings)


def lift_flat(document: dict[str, object], payload: str, findings: set[Finding]) -> Envelope:
    """Lifts `{"subscriptionId": …, "eventType": …, "eventTime": …, …}` to its envelope.

    The digest covers "flat", the subscription id as text, absent as null, and an object of all
    other members: nothing separates the event from its wrapping, so that each may be part of it.

    Raises:
        NotificationRefused: as `lift`.
    """
    findings.add(Finding.DRAFT_FORM)
    outer = [(place, document.get(place)) for place in reversed(_SUBSCRIPTION_IDS)]
    outer_id, _ = choose_subscription_id(outer, findings)
    event = {name: said for name, said in document.items() if name not in _SUBSCRIPTION_IDS}
    identity = make_digest("flat", outer_id, event)
    return _lift(event, "", outer, payload, identity, findings)


def _lift(
    event: dict[str, object],
    place: str,
    outer: list[tuple[str, object]],
    payload: str,
    identity: bytes,
    findings: set[Finding],
) -> Envelope:
    """Returns the envelope of an event.

    Args:
        place: the prefix that the places of its members have.
    """
    detail_place = f"{place}eventDetail"
    time_place = f"{place}eventTime"
    type_ = require_text(
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
    event_id = take_text(
        event.get("eventId"), f"{place}eventId", _ID_LENGTH_LIMIT, Finding.ID_NOT_A_STRING, findings
    )
    subscription_id, fault = choose_subscription_id(
        (*outer, (f"{detail_place}.subscriptionId", detail.get("subscriptionId"))), findings
    )
    data = drafts.complete_detail(detail, event, findings)
    return Envelope(
        form=Form.LEGACY,
        type=type_,
        name=find_name(type_, detail),
        source=None,
        event_id=event_id or None,
        time=time,
        subscription_id=subscription_id,
        data=data,
        payload=payload,
        digest=identity,
        findings=frozenset(findings),
        time_place=time_place,
        fault=fault,
    )
