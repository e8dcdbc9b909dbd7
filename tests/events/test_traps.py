"""Where specifications, pages and providers contradict each other: what goes right all the same."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from receiver.errors import NotificationRefused
from receiver.events.devices.identity import identify
from receiver.events.event import Device, Event, Kind, Status
from receiver.events.forms.batch import split_batch
from receiver.events.forms.binary import read_binary
from receiver.events.forms.structured import read_structured
from tests.support import bodies

PHONE = {"phoneNumber": "+99999991000"}
COUNTRY: dict[str, object] = {"roaming": True, "countryCode": 208}


def _legacy(event_type: str, detail: dict[str, object], **top: object) -> Event:
    event = {
        "eventType": event_type,
        "eventTime": "2023-08-09T18:00:00Z",
        "eventDetail": {"device": PHONE} | detail,
    }
    return bodies.understood(
        json.dumps({"eventSubscriptionId": "sub-1"} | top | {"event": event}).encode()
    )


def _device(**identifiers: object) -> Device:
    return bodies.event("roaming-on", {"device": identifiers, "subscriptionId": "sub-1"}).device


def _countries(**data: object) -> Any:
    return bodies.event("roaming-status", COUNTRY | data).status.country_name


def _device_id(event: Event, credential: str = "op") -> str:
    return identify(
        UUID(int=1),
        event.device,
        credential=credential,
        subscription_id=event.subscription_id,
        source=event.source,
    )


def test_a_subscription_ends_by_its_old_and_by_its_new_name() -> None:
    ends, ended = (
        bodies.event(name, {"terminationReason": "SUBSCRIPTION_EXPIRED"})
        for name in ("subscription-ends", "subscription-ended")
    )
    assert ends.kind == ended.kind == Kind.SUBSCRIPTION
    assert Status(termination_reason="SUBSCRIPTION_EXPIRED") == ends.status == ended.status


def test_the_prefix_without_device_is_roaming_too() -> None:
    event = bodies.event("", type="org.camaraproject.roaming-status-subscriptions.v0.roaming-on")
    assert Status(roaming=True) == event.status


def test_a_roaming_subscription_may_end_without_a_country() -> None:
    event = bodies.event(
        "",
        {"subscriptionId": "sub-1", "terminationReason": "MAX_EVENTS_REACHED"},
        type="org.camaraproject.device-roaming-status-subscriptions.v0.subscription-ended",
    )
    assert (event.kind, event.findings) == (Kind.SUBSCRIPTION, ())


def test_a_reused_id_that_says_something_else_is_another_event() -> None:
    sent = [
        bodies.event(name, id="123456", source="//operator.invalid")
        for name in ("roaming-on", "roaming-off", "connectivity-data", "roaming-on")
    ]
    assert len({event.digest for event in sent}) == 3
    assert sent[0].digest == sent[3].digest


def test_numbers_where_strings_belong_are_read_as_text() -> None:
    event = bodies.event(
        "roaming-on",
        {"subscriptionId": 815, "device": {"phoneNumber": 99999991000}},
        id=4711,
        specversion=1.0,
    )
    assert (event.event_id, event.subscription_id) == ("4711", "815")
    assert Device("+99999991000") == event.device
    assert len(event.findings) == 5
    assert _legacy("ROAMING_ON", {}, eventSubscriptionId=123654).subscription_id == "123654"


@pytest.mark.parametrize("number", ["+99999991000", "99999991000", "0099999991000"])
def test_a_phone_number_is_one_number_with_and_without_plus(number: str) -> None:
    assert Device("+99999991000") == _device(phoneNumber=number)


def test_fourteen_digits_and_leading_zeros_are_phone_numbers() -> None:
    assert Device("+99999991000123") == _device(phoneNumber="99999991000123")
    assert Device("+0999999910") == _device(phoneNumber="0999999910")


@pytest.mark.parametrize(
    "address",
    [
        {"publicAddress": "203.0.113.1"},
        {"DeviceIpv4Addr": {"publicAddress": "203.0.113.1"}},
        "203.0.113.1",
        "203.0.113.1/32",
        {"publicAddress": "203.0.113.1", "publicPort": 0},
    ],
)
def test_an_ipv4_address_is_found_in_any_wrapping(address: object) -> None:
    device = _device(ipv4Address=address)
    assert (str(device.ipv4_public_address), device.ipv4_public_port) == ("203.0.113.1", None)


def test_a_port_in_digits_is_a_number() -> None:
    assert (
        _device(ipv4Address={"publicAddress": "203.0.113.1", "publicPort": "80"}).ipv4_public_port
        == 80
    )


def test_a_country_is_read_however_it_is_spelt() -> None:
    assert _countries(countryName="FR") == ("FR",)
    assert _countries(countryName=["Finland", "SP"]) == ("Finland", "SP")
    assert (_countries(countryName=None), _countries(countryName=[])) == (None, ())
    assert _countries(ountryName=["FR"]) == ("FR",)
    assert _countries(device={"countryName": "FR"}) == ("FR",)
    assert bodies.event("roaming-status", COUNTRY | {"countryCode": 358}).status.country_code == 358


def test_an_event_without_device_belongs_to_its_subscription() -> None:
    of_data = bodies.event("roaming-on", {"subscriptionId": "sub-1"})
    of_top = bodies.event("roaming-on", {}, eventSubscriptionId="sub-1")
    of_source = bodies.event("roaming-on", {}, source="https://op.invalid/subscriptions/sub-1")
    without_data = bodies.understood(
        bodies.cloudevent("roaming-on", source="/subscriptions/sub-1").replace(b'"data"', b'"none"')
    )
    ids = {_device_id(event) for event in (of_data, of_top, of_source, without_data)}
    assert len(ids) == 1
    assert ids != {_device_id(of_data, "another")}


def test_of_several_identifiers_all_are_kept_and_the_phone_number_decides() -> None:
    several = bodies.event(
        "roaming-on",
        {"device": PHONE | {"networkAccessIdentifier": "m@fleet.invalid", "ipv6Address": "::1"}},
    )
    assert several.device.network_access_identifier == "m@fleet.invalid"
    assert several.device.ipv6_address is not None
    assert _device_id(several) == _device_id(bodies.event("roaming-off", {"device": PHONE}))


def test_a_hybrids_address_in_the_place_of_its_subscription_id_is_not_taken_for_one() -> None:
    event = bodies.event(
        "connectivity-data",
        {"device": PHONE},
        event={"eventDetail": {"subscriptionId": "2001:db8::1", "deviceStatus": "REACHABLE"}},
        eventSubscriptionId="sub-1",
    )
    assert event.subscription_id == "sub-1"


def test_a_roaming_status_with_a_termination_reason_ends_the_subscription() -> None:
    event = _legacy("ROAMING_STATUS", {"terminationReason": "SUBSCRIPTION_EXPIRED"})
    assert (event.kind, event.name) == (Kind.SUBSCRIPTION, "subscription-ends")
    assert event.status.roaming is None


def test_reachable_claims_neither_data_nor_sms() -> None:
    status = _legacy("CONNECTIVITY", {"deviceStatus": "REACHABLE"}).status
    assert Status(connectivity="CONNECTED") == status


def test_reachable_by_sms_is_not_reachable_by_data() -> None:
    event = bodies.event("reachability-sms")
    assert Status(connectivity="CONNECTED_SMS") == event.status


def test_a_reason_or_type_nobody_knows_is_kept() -> None:
    event = bodies.event("subscription-ended", {"terminationReason": "FULL_MOON"})
    assert (event.status.termination_reason, event.findings) == ("FULL_MOON", ("reason-unknown",))
    for type_ in (
        "org.camaraproject.qod.v0.qos-status-changed",
        "org.camaraproject.geofencing-subscriptions.v0.area-left",
    ):
        other = bodies.event("", {"device": PHONE, "qosStatus": []}, type=type_)
        assert (Kind.UNRECOGNISED, Device("+99999991000")) == (other.kind, other.device)


@pytest.mark.parametrize("subscription_id", ["nobody-made-this", "qx17-a204-zz53-0815", "x" * 256])
def test_a_subscription_id_is_any_text(subscription_id: str) -> None:
    event = bodies.event("roaming-on", {"subscriptionId": subscription_id})
    assert (subscription_id, ()) == (event.subscription_id, event.findings)


def test_the_other_media_types_carry_the_same_event() -> None:
    body = bodies.cloudevent("roaming-on")
    [member] = split_batch(b"[" + body + b"]")
    sent = json.loads(body)
    data = json.dumps(sent.pop("data")).encode()
    assert read_structured(body).digest == read_structured(member).digest
    assert (
        read_structured(body).digest
        == read_binary(sent, "application/json; charset=utf-8", data).digest
    )


@pytest.mark.parametrize(
    ("time", "occurred_at", "findings"),
    [
        ("2026-03-02T10:00:00.123456Z", datetime(2026, 3, 2, 10, 0, 0, 123456, UTC), ()),
        ("2026-03-02T10:00:00+02:00", datetime(2026, 3, 2, 8, tzinfo=UTC), ()),
        ("2027-03-02T10:00:00Z", datetime(2027, 3, 2, 10, tzinfo=UTC), ("time-in-future",)),
        (None, bodies.ARRIVAL, ("time-missing",)),
    ],
)
def test_the_senders_time_is_kept_as_it_is(
    time: str | None, occurred_at: datetime, findings: tuple[str, ...]
) -> None:
    event = bodies.event("roaming-on", time=time)
    assert (occurred_at, findings) == (event.occurred_at, event.findings)


def test_no_event_depends_on_one_before_it() -> None:
    bodies_sent = [bodies.cloudevent(name) for name in ("subscription-ended", "roaming-on")]
    forwards = [bodies.understood(body) for body in bodies_sent]
    backwards = [bodies.understood(body) for body in reversed(bodies_sent)]
    assert forwards == backwards[::-1]


def test_one_crossing_told_twice_is_two_events() -> None:
    status = bodies.event("roaming-status", COUNTRY)
    on = bodies.event("roaming-on")
    assert status.digest != on.digest
    assert (status.status.roaming, on.status.roaming) == (True, True)
    assert on.status.country_code is None


def test_the_start_of_a_subscription_nobody_knows_yet_is_understood() -> None:
    event = bodies.event(
        "subscription-started",
        {"subscriptionId": "new", "initiationReason": "SUBSCRIPTION_CREATED"},
    )
    assert (event.kind, event.subscription_id, event.findings) == (Kind.SUBSCRIPTION, "new", ())


def test_connectivity_data_means_connected() -> None:
    assert bodies.event("connectivity-data").status.connectivity == "CONNECTED_DATA"


def test_a_hidden_mail_address_identifies_no_device() -> None:
    hidden = bodies.event(
        "roaming-on",
        {"device": {"networkAccessIdentifier": "[email\u00a0protected]"}, "subscriptionId": "s"},
    )
    assert _device_id(hidden) == _device_id(bodies.event("roaming-on", {"subscriptionId": "s"}))


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1e400", "9" * 30, r'"\u0000"', r'"\ud800"', "[" * 99 + "]" * 99]
)
def test_json_that_others_read_differently_is_refused(value: str) -> None:
    body = bodies.cloudevent("roaming-on", {"note": 1}).replace(b": 1}", f": {value}}}".encode())
    with pytest.raises(NotificationRefused):
        bodies.understood(body)


def test_of_a_duplicate_key_the_last_one_counts() -> None:
    body = bodies.cloudevent("roaming-on").replace(b'"id": "1"', b'"id": "1", "id": "2"')
    event = bodies.understood(body)
    assert event.event_id == "2"
    assert event.payload.encode() == body


def test_a_batch_nobody_asked_for_is_taken_member_by_member() -> None:
    sent = [bodies.cloudevent("roaming-on"), b"17", bodies.cloudevent("roaming-off")]
    assert sent == split_batch(b"[" + b", ".join(sent) + b"]")


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    data = {"device": {"networkAccessIdentifier": "secret" * 400}}
    assert "secret" not in bodies.refusal("roaming-on", data)


@pytest.mark.parametrize("version", ["v0", "v1", "v12"])
def test_the_version_of_an_event_does_not_matter(version: str) -> None:
    event = bodies.event(
        "", type=f"org.camaraproject.device-roaming-status-subscriptions.{version}.roaming-on"
    )
    assert Status(roaming=True) == event.status
