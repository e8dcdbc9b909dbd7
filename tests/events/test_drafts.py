"""The drafts of 2023: the flat form, and the device as `ueId` in either legacy form."""

import json
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest

from receiver.errors import NotificationRefused
from receiver.events.event import Device, Event, Form, Kind, Status
from receiver.events.forms.structured import read_structured
from tests.support import bodies

TIME = "2023-03-13T09:00:00Z"


def _flat(event_type: object, detail: object, **members: object) -> bytes:
    event = {"eventType": event_type, "eventTime": TIME, "eventDetail": detail}
    return json.dumps({"subscriptionId": "sub-1"} | event | members).encode()


def _nested(event_type: object, detail: object, **members: object) -> bytes:
    event = {"eventType": event_type, "eventTime": TIME, "eventDetail": detail}
    return json.dumps({"eventSubscriptionId": "sub-1", "event": event | members}).encode()


def _device(ue_id: object, **detail: object) -> tuple[Device, tuple[str, ...]]:
    event = bodies.understood(_flat("ROAMING_ON", {"ueId": ue_id} | detail))
    return event.device, event.findings


def _refusal(body: bytes) -> str:
    with pytest.raises(NotificationRefused) as refused:
        bodies.understood(body)
    return str(refused.value)


def _meaning(event: Event) -> tuple[object, ...]:
    return event.kind, event.name, event.type, event.occurred_at, event.device, event.status


@pytest.mark.parametrize(
    ("event_type", "detail", "kind", "name", "status"),
    [
        (
            "LOSS_OF_CONNECTIVITY",
            {},
            Kind.CONNECTIVITY,
            "connectivity-disconnected",
            Status(connectivity="NOT_CONNECTED"),
        ),
        (
            "UE_REACHABILITY",
            {"reachabilityType": "SMS"},
            Kind.CONNECTIVITY,
            "connectivity-sms",
            Status(connectivity="CONNECTED_SMS"),
        ),
        (
            "ROAMING_STATUS",
            {"roaming": True, "countryCode": 208, "countryName": ["FR"]},
            Kind.ROAMING,
            "roaming-status",
            Status(roaming=True, country_code=208, country_name=("FR",)),
        ),
        ("QOS_CHANGED", {}, Kind.UNRECOGNISED, "qos-changed", Status()),
    ],
)
def test_a_flat_event_means_what_the_nested_one_means(
    event_type: str, detail: dict[str, object], kind: Kind, name: str, status: Status
) -> None:
    detail = detail | {"ueId": {"msisdn": "+99999991000"}}
    flat = bodies.understood(_flat(event_type, detail))
    assert (Form.LEGACY, kind, name, status) == (flat.form, flat.kind, flat.name, flat.status)
    assert (flat.subscription_id, flat.source, flat.findings) == ("sub-1", None, ("draft-form",))
    assert _meaning(flat) == _meaning(bodies.understood(_nested(event_type, detail)))


def test_every_identifier_of_a_draft_is_read_and_its_own_notation_is_no_fault() -> None:
    ue_id = {
        "externalId": "meter-1@Fleet.INVALID",
        "msisdn": "99999991000",
        "ipv4Addr": "203.0.113.1/32",
        "ipv6Addr": "2001:db8::1/64",
    }
    expected = Device(
        phone_number="+99999991000",
        network_access_identifier="meter-1@fleet.invalid",
        ipv4_public_address=IPv4Address("203.0.113.1"),
        ipv4_public_port=5060,
        ipv6_address=IPv6Address("2001:db8::1"),
    )
    assert (expected, ("draft-form",)) == _device(ue_id, uePort=5060)


@pytest.mark.parametrize(
    ("detail", "members"),
    [
        ({"ueId": {"ipv4Addr": "203.0.113.1"}, "uePort": 80}, {}),
        ({"ueId": {"ipv4Addr": "203.0.113.1"}}, {"uePort": 80}),
        ({"uePort": 80}, {"ueId": {"ipv4Addr": "203.0.113.1"}}),
        ({}, {"ueId": {"ipv4Addr": "203.0.113.1"}, "uePort": 80}),
    ],
)
@pytest.mark.parametrize("form", [_flat, _nested])
def test_the_device_is_found_in_the_detail_and_beside_it(
    form: Callable[..., bytes], detail: dict[str, object], members: dict[str, object]
) -> None:
    event = bodies.understood(form("ROAMING_ON", detail, **members))
    expected = Device(ipv4_public_address=IPv4Address("203.0.113.1"), ipv4_public_port=80)
    assert (expected, ("draft-form",)) == (event.device, event.findings)


@pytest.mark.parametrize(
    ("ue_id", "device", "findings"),
    [
        ({"msisdn": 99999991000}, Device("+99999991000"), {"phone-number-not-a-string"}),
        ({"msisdn": "0099999991000"}, Device("+99999991000"), {"phone-number-not-e164"}),
        ({"msisdn": "none"}, Device(), {"phone-number-malformed"}),
        ({"ipv4Addr": "203.0.113"}, Device(), {"ipv4-address-malformed"}),
        ({"ipv6Addr": 1}, Device(), {"ipv6-address-malformed"}),
        (
            {"externalId": "a b@c"},
            Device(network_access_identifier="a b@c"),
            {"network-access-identifier-malformed"},
        ),
        ({}, Device(), set()),
    ],
)
def test_what_breaks_a_draft_too_is_a_finding(
    ue_id: object, device: Device, findings: set[str]
) -> None:
    read_device, found = _device(ue_id)
    assert device == read_device
    assert {"draft-form"} | findings == set(found) - {"phone-number-without-plus"}


def test_a_port_without_an_ipv4_address_is_left_out() -> None:
    expected = Device(ipv6_address=IPv6Address("2001:db8::1"))
    assert (expected, ("draft-form",)) == _device({"ipv6Addr": "2001:db8::1"}, uePort=80)


def test_a_device_object_is_preferred_to_a_ue_id() -> None:
    device, _ = _device({"msisdn": "+99999991002"}, device={"phoneNumber": "+99999991001"})
    assert Device("+99999991001") == device


@pytest.mark.parametrize(
    ("members", "subscription_id"),
    [
        ({"subscriptionId": "a", "eventSubscriptionId": "b"}, "a"),
        ({"subscriptionId": None, "eventSubscriptionId": "b"}, "b"),
        ({"subscriptionId": None}, "c"),
    ],
)
def test_the_subscription_id_is_found_where_it_is(
    members: dict[str, object], subscription_id: str
) -> None:
    event = bodies.understood(_flat("ROAMING_ON", {"subscriptionId": "c"}, **members))
    assert subscription_id == event.subscription_id


def test_a_flat_event_without_subscription_is_understood() -> None:
    event = bodies.understood(_flat("ROAMING_ON", {}, subscriptionId=None, eventId="e1"))
    assert (event.subscription_id, event.event_id) == (None, "e1")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (_flat("", {}), "eventType: empty"),
        (_flat([], {}), "eventType: must be a string"),
        (_flat("ROAMING_ON", {}, eventTime=17), "eventTime: must be a string"),
        (_flat("ROAMING_ON", {}, eventTime="17.6.2023"), "eventTime: not an RFC 3339 date-time"),
        (_flat("ROAMING_ON", None), "eventDetail: missing"),
        (_flat("ROAMING_ON", 17), "eventDetail: must be an object"),
        (_flat("ROAMING_ON", {"ueId": 17}), "ueId: must be an object"),
        (
            _flat("ROAMING_STATUS", {"roaming": 17}),
            "eventDetail.roaming: must be true or false",
        ),
        (
            _flat("UE_REACHABILITY", {"reachabilityType": "FAX"}),
            "eventDetail.reachabilityType: must be one of DATA, SMS",
        ),
        (
            _flat("ROAMING_ON", {}, eventTime=None),
            "neither a CloudEvent nor an object with an event object",
        ),
        (
            _flat(None, {}),
            "neither a CloudEvent nor an object with an event object",
        ),
    ],
)
def test_a_member_that_makes_no_sense_is_refused_by_name(body: bytes, refusal: str) -> None:
    assert refusal == _refusal(body)


# The identities of stored events are these digests: a change here stores every event again.
def test_the_digest_of_a_flat_event_is_fixed() -> None:
    detail = {"ueId": {"msisdn": "99999991000"}, "roaming": True}
    assert (
        read_structured(_flat("ROAMING_STATUS", detail)).digest.hex()
        == "ead2d8ac40bd6d0752e0d8346b985b88"
    )
    without = _flat("ROAMING_STATUS", detail, subscriptionId=None)
    assert read_structured(without).digest.hex() == "63693ce951fd8c4a3a240d5ef039dec3"


@pytest.mark.parametrize(
    "changed",
    [
        {"subscriptionId": "sub-2"},
        {"eventType": "ROAMING_OFF"},
        {"eventTime": "2023-03-13T09:00:01Z"},
        {"eventDetail": {"note": 1}},
        {"ueId": {"msisdn": "+99999991000"}},
        {"uePort": 80},
        {"another": None},
    ],
)
def test_every_member_of_a_flat_event_is_part_of_what_it_says(changed: dict[str, object]) -> None:
    sent = _flat("ROAMING_ON", {})
    assert (
        read_structured(sent).digest
        != read_structured(json.dumps(json.loads(sent) | changed).encode()).digest
    )


def test_a_flat_event_never_has_the_identity_of_a_nested_one() -> None:
    nested = json.loads(_nested("ROAMING_ON", {}))
    flat = json.dumps({"subscriptionId": "sub-1"} | nested["event"]).encode()
    assert read_structured(json.dumps(nested).encode()).digest != read_structured(flat).digest


def test_a_subscription_id_and_its_text_give_one_identity() -> None:
    digests = {
        read_structured(_flat("ROAMING_ON", {}, **members)).digest
        for members in (
            {"subscriptionId": 17},
            {"subscriptionId": "17"},
            {"subscriptionId": None, "eventSubscriptionId": "17"},
        )
    }
    assert len(digests) == 1
