"""How a CloudEvent's envelope is read: attributes, hybrids, the subscription's id."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address

import pytest

from receiver.events.event import Device, Event, Form, Kind, Status
from receiver.events.findings import Finding
from receiver.events.forms.attributes import make_digest
from receiver.events.forms.envelope import Envelope
from receiver.events.forms.structured import read_structured
from tests.support import bodies
from tests.support.paths import SAMPLES


def test_a_notification_with_all_identifiers_is_understood_whole() -> None:
    event = bodies.sample("cloudevent-connectivity-data")
    payload = (SAMPLES / "cloudevent-connectivity-data.json").read_text()
    expected = Event(
        kind=Kind.CONNECTIVITY,
        name="connectivity-data",
        type="org.camaraproject.device-status.v0.connectivity-data",
        form=Form.CLOUDEVENTS,
        source="/device-status/v0/subscriptions/0f3a9c52-6d1e-4b7a-8c11-aa0000000001",
        event_id="5b0c4a1e-7d55-4a57-9f0e-2f6b8f1a0001",
        subscription_id="0f3a9c52-6d1e-4b7a-8c11-aa0000000001",
        occurred_at=datetime(2026, 3, 2, 9, 15, 27, 104233, UTC),
        device=Device(
            phone_number="+99999991011",
            network_access_identifier="meter-11@fleet.example.invalid",
            ipv4_public_address=IPv4Address("203.0.113.11"),
            ipv4_private_address=IPv4Address("192.0.2.11"),
            ipv4_public_port=59765,
            ipv6_address=IPv6Address("2001:db8:0:11::11"),
        ),
        status=Status(connectivity="CONNECTED_DATA"),
        findings=(),
        digest=event.digest,
        payload=payload,
    )
    assert expected == event


def test_every_attribute_stands_in_its_own_place_of_the_envelope() -> None:
    """Guards the order in which the envelope is built by position."""
    data = {"subscriptionId": "the subscription", "roaming": True}
    body = bodies.cloudevent(
        "", data, type="the.name", source="the source", id="the id", time="the time", specversion=1
    )
    envelope = read_structured(body)
    expected = Envelope(
        form=Form.CLOUDEVENTS,
        type="the.name",
        name="name",
        source="the source",
        event_id="the id",
        time="the time",
        subscription_id="the subscription",
        data=data,
        payload=body.decode(),
        digest=make_digest("the source", "the id", "the.name", "the time", data),
        findings=frozenset({Finding.SPECVERSION_NOT_A_STRING, Finding.SPECVERSION_UNKNOWN}),
        time_place="time",
        fault=None,
    )
    assert expected == envelope


def test_data_that_is_no_object_is_the_fault_of_the_envelope() -> None:
    envelope = read_structured(bodies.cloudevent("", 17))
    assert (envelope.data, str(envelope.fault)) == (None, "data: must be an object")


def test_the_liberties_of_release_0_5_are_forgiven() -> None:
    event = bodies.sample("cloudevent-change-country-0.5")
    assert Status(roaming=True, country_code=208, country_name=("FR",)) == event.status
    assert (event.event_id, event.subscription_id) == ("4711", "815")
    expected = (
        "country-code-not-an-integer",
        "country-inside-device",
        "country-name-not-a-list",
        "id-not-a-string",
        "phone-number-not-a-string",
        "phone-number-without-plus",
        "specversion-not-a-string",
        "subscription-id-not-a-string",
    )
    assert expected == event.findings


def test_a_hybrid_takes_from_event_only_what_is_missing() -> None:
    event = bodies.sample("cloudevent-hybrid")
    assert (event.form, event.name) == (Form.CLOUDEVENTS, "connectivity-disconnected")
    assert Status(connectivity="NOT_CONNECTED") == event.status
    assert Device(phone_number="+99999991016") == event.device
    assert event.subscription_id == "hybrid-06"
    assert datetime(2026, 3, 2, 12, tzinfo=UTC) == event.occurred_at
    assert event.findings == ("hybrid-form",)


def test_a_hybrid_prefers_its_own_data() -> None:
    event = bodies.event(
        "roaming-status",
        {"roaming": False, "device": {"phoneNumber": "+99999991001"}},
        event={
            "eventType": "ROAMING_STATUS",
            "eventTime": "2026-03-01T00:00:00Z",
            "eventDetail": {
                "device": {"phoneNumber": "+99999991002"},
                "roaming": True,
                "countryCode": 208,
                "subscriptionId": "2001:db8::1",
            },
        },
    )
    assert Status(roaming=False, country_code=208) == event.status
    assert Device(phone_number="+99999991001") == event.device
    assert (event.subscription_id, event.occurred_at.day) == (None, 2)


def test_an_unknown_type_is_kept_whole() -> None:
    event = bodies.sample("cloudevent-area-entered")
    assert (event.kind, event.name) == (Kind.UNRECOGNISED, "area-entered")
    assert (Device(phone_number="+99999991017"), "fence-07") == (
        event.device,
        event.subscription_id,
    )
    assert (Status(), ()) == (event.status, event.findings)
    assert (SAMPLES / "cloudevent-area-entered.json").read_text() == event.payload


@pytest.mark.parametrize(
    ("source", "data", "top_level", "subscription_id"),
    [
        ("/subscriptions/tail", {"subscriptionId": "inner"}, "outer", "inner"),
        ("/subscriptions/tail", {}, "outer", "outer"),
        ("https://op.invalid/v0.7/subscriptions/tail/events?page=1", {}, None, "tail"),
        ("https://op.invalid/roaming-subscriptions/v0/subscriptions/tail?x#y", {}, None, "tail"),
        ("https://op.invalid/subscriptions/", {}, None, None),
        ("https://op.invalid/roaming-subscriptions/v0", {}, None, None),
        (f"/subscriptions/{'x' * 257}", {}, None, None),
        ("op.invalid", {"subscriptionId": None}, None, None),
    ],
)
def test_the_subscription_id_is_found_where_it_is(
    source: str, data: object, top_level: str | None, subscription_id: str | None
) -> None:
    event = bodies.event("roaming-on", data, source=source, eventSubscriptionId=top_level)
    assert subscription_id == event.subscription_id


@pytest.mark.parametrize(
    ("data", "top_level", "subscription_id"),
    [
        ({"eventSubscriptionId": "a"}, None, "a"),
        ({"eventSubscriptionId": "a"}, "b", "b"),
        ({"eventSubscriptionId": "a", "subscriptionId": "c"}, "b", "c"),
    ],
)
def test_a_subscription_id_under_its_older_name_is_found_in_the_data_too(
    data: object, top_level: str | None, subscription_id: str
) -> None:
    event = bodies.event("roaming-on", data, eventSubscriptionId=top_level)
    assert (subscription_id, ()) == (event.subscription_id, event.findings)


def test_an_empty_subscription_id_is_absent() -> None:
    event = bodies.event("roaming-on", {"subscriptionId": ""}, source="/subscriptions/tail")
    assert (event.subscription_id, event.findings) == ("tail", ("subscription-id-empty",))


@pytest.mark.parametrize(
    ("attributes", "refusal"),
    [
        ({"id": None}, "id: missing"),
        ({"id": ""}, "id: empty"),
        ({"id": True}, "id: must be a string"),
        ({"id": {}}, "id: must be a string"),
        ({"id": "x" * 257}, "id: longer than 256 characters"),
        ({"source": None}, "source: missing"),
        ({"source": "x" * 2049}, "source: longer than 2048 characters"),
        ({"type": ""}, "type: empty"),
        ({"type": "x" * 513}, "type: longer than 512 characters"),
        ({"time": 1772451000}, "time: must be a string"),
        ({"time": "soon"}, "time: not an RFC 3339 date-time"),
    ],
)
def test_an_attribute_that_makes_no_sense_is_refused_by_name(
    attributes: dict[str, object], refusal: str
) -> None:
    assert refusal == bodies.refusal("weather-changed", **attributes)


@pytest.mark.parametrize(
    ("attributes", "findings"),
    [
        ({"specversion": 1.0}, ("specversion-not-a-string",)),
        ({"specversion": "0.3"}, ("specversion-unknown",)),
        ({"specversion": []}, ("specversion-unknown",)),
        ({"source": 17}, ("source-not-a-string",)),
        ({"time": None}, ("time-missing",)),
        ({"datacontenttype": "text/plain"}, ("datacontenttype-not-json",)),
        ({"datacontenttype": 17}, ("datacontenttype-not-json",)),
        ({"datacontenttype": "Application/JSON; charset=utf-8"}, ()),
        ({"datacontenttype": "application/vnd.operator+json"}, ()),
        ({"datacontenttype": "text/json"}, ()),
        ({"comexampleextension": {"any": "thing"}, "event": "no object"}, ()),
    ],
)
def test_an_attribute_that_is_still_clear_is_forgiven(
    attributes: dict[str, object], findings: tuple[str, ...]
) -> None:
    assert findings == bodies.event("roaming-on", **attributes).findings


def test_a_float_is_taken_as_it_is_written() -> None:
    assert bodies.event("roaming-on", id=1.0).event_id == "1.0"


def test_a_type_that_is_a_number_is_kept() -> None:
    event = bodies.event("", type=17)
    assert (event.kind, event.type, event.name) == (Kind.UNRECOGNISED, "17", "17")


def test_a_reused_id_that_says_something_else_is_another_event() -> None:
    sent = [
        bodies.event(name, id="123456", source="//operator.invalid")
        for name in ("roaming-on", "roaming-off", "connectivity-data", "roaming-on")
    ]
    assert len({event.digest for event in sent}) == 3
    assert sent[0].digest == sent[3].digest


def test_a_hybrids_address_in_the_place_of_its_subscription_id_is_not_taken_for_one() -> None:
    event = bodies.event(
        "connectivity-data",
        {"device": {"phoneNumber": "+99999991000"}},
        event={"eventDetail": {"subscriptionId": "2001:db8::1", "deviceStatus": "REACHABLE"}},
        eventSubscriptionId="sub-1",
    )
    assert event.subscription_id == "sub-1"


@pytest.mark.parametrize("subscription_id", ["nobody-made-this", "qx17-a204-zz53-0815", "x" * 256])
def test_a_subscription_id_is_any_text(subscription_id: str) -> None:
    event = bodies.event("roaming-on", {"subscriptionId": subscription_id})
    assert (subscription_id, ()) == (event.subscription_id, event.findings)
