"""How the legacy form is lifted, nested in `event` and flat as in the first drafts."""

import json
from datetime import UTC, datetime

import pytest

from receiver.events.event import Form, Kind, Status
from receiver.events.forms.structured import read_structured
from tests.support import bodies


def test_reachable_does_not_say_by_what() -> None:
    event = bodies.sample("legacy-connectivity")
    assert (event.form, event.kind) == (Form.LEGACY, Kind.CONNECTIVITY)
    assert (event.name, event.type) == ("connectivity", "CONNECTIVITY")
    assert (event.source, event.event_id) == (None, None)
    assert event.subscription_id == "meter-21-connectivity"
    assert datetime(2023, 6, 17, 8, 18, 23, 682000, UTC) == event.occurred_at
    assert Status(connectivity="CONNECTED") == event.status
    assert event.device.ipv4_public_port == 80
    assert "ipv4-address-wrapped" in event.findings


def test_numbers_and_names_in_unexpected_types_are_forgiven() -> None:
    event = bodies.sample("legacy-roaming-status")
    assert (
        event.subscription_id,
        event.event_id,
    ) == ("218743", "c1fc3c5a-64c5-4a9e-8a60-5f0000000022")
    assert Status(roaming=True, country_code=33, country_name=("France", "MC")) == event.status
    expected = (
        "country-name-not-alpha-2",
        "phone-number-not-a-string",
        "phone-number-without-plus",
        "roaming-not-a-boolean",
        "subscription-id-not-a-string",
        "time-without-zone",
    )
    assert expected == event.findings


@pytest.mark.parametrize(
    ("top", "detail", "subscription_id"),
    [
        ({"eventSubscriptionId": "a", "subscriptionId": "b"}, {"subscriptionId": "c"}, "a"),
        ({"eventSubscriptionId": None, "subscriptionId": "b"}, {"subscriptionId": "c"}, "b"),
        ({"eventSubscriptionId": None}, {"subscriptionId": "c"}, "c"),
        ({"eventSubscriptionId": None}, {}, None),
    ],
)
def test_the_outer_subscription_id_is_preferred(
    top: dict[str, object], detail: object, subscription_id: str | None
) -> None:
    assert subscription_id == bodies.legacy_event("ROAMING_ON", detail, top).subscription_id


def test_a_missing_time_is_stood_in_for() -> None:
    event = bodies.legacy_event("ROAMING_ON", {}, eventTime=None)
    assert (event.occurred_at, event.findings) == (bodies.ARRIVAL, ("time-missing",))


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (bodies.legacy(None, {}), "event.eventType: missing"),
        (bodies.legacy("", {}), "event.eventType: empty"),
        (bodies.legacy({}, {}), "event.eventType: must be a string"),
        (bodies.legacy("ROAMING_ON", None), "event.eventDetail: missing"),
        (bodies.legacy("ROAMING_ON", []), "event.eventDetail: must be an object"),
        (bodies.legacy("ROAMING_ON", {}, eventTime=168700), "event.eventTime: must be a string"),
        (
            bodies.legacy("ROAMING_ON", {}, eventTime="17.6.2023"),
            "event.eventTime: not an RFC 3339 date-time",
        ),
        (bodies.legacy("ROAMING_ON", {}, eventId=[]), "event.eventId: must be a string"),
    ],
)
def test_a_member_that_makes_no_sense_is_refused_by_name(body: bytes, refusal: str) -> None:
    assert refusal == bodies.refused(body)


def test_a_senseless_subscription_id_refuses_a_known_type_only() -> None:
    top: dict[str, object] = {"eventSubscriptionId": []}
    assert bodies.legacy_event("RAIN", {}, top).subscription_id is None
    refusal = bodies.refused(bodies.legacy("ROAMING_ON", {}, top))
    assert refusal == "eventSubscriptionId: must be a string"


@pytest.mark.parametrize(
    ("event_type", "detail"),
    [
        ("LOSS_OF_CONNECTIVITY", {}),
        ("UE_REACHABILITY", {"reachabilityType": "SMS"}),
        ("ROAMING_STATUS", {"roaming": True, "countryCode": 208, "countryName": ["FR"]}),
        ("QOS_CHANGED", {}),
    ],
)
def test_a_flat_event_means_what_the_nested_one_means(
    event_type: str, detail: dict[str, object]
) -> None:
    detail = detail | {"device": {"phoneNumber": "+99999991000"}}
    nested = bodies.legacy_event(event_type, detail)
    flat = bodies.understood(bodies.flat(event_type, detail))
    assert (
        nested._replace(findings=("draft-form",), digest=flat.digest, payload=flat.payload) == flat
    )


@pytest.mark.parametrize(
    ("members", "subscription_id"),
    [
        ({"subscriptionId": "a", "eventSubscriptionId": "b"}, "a"),
        ({"subscriptionId": None, "eventSubscriptionId": "b"}, "b"),
        ({"subscriptionId": None}, "c"),
    ],
)
def test_the_subscription_id_of_a_flat_event_is_found_where_it_is(
    members: dict[str, object], subscription_id: str
) -> None:
    event = bodies.understood(bodies.flat("ROAMING_ON", {"subscriptionId": "c"}, **members))
    assert subscription_id == event.subscription_id


def test_a_flat_event_without_subscription_is_understood() -> None:
    event = bodies.understood(bodies.flat("ROAMING_ON", {}, subscriptionId=None, eventId="e1"))
    assert (event.subscription_id, event.event_id) == (None, "e1")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (bodies.flat("", {}), "eventType: empty"),
        (bodies.flat([], {}), "eventType: must be a string"),
        (bodies.flat("ROAMING_ON", {}, eventTime=17), "eventTime: must be a string"),
        (
            bodies.flat("ROAMING_ON", {}, eventTime="17.6.2023"),
            "eventTime: not an RFC 3339 date-time",
        ),
        (bodies.flat("ROAMING_ON", None), "eventDetail: missing"),
        (bodies.flat("ROAMING_ON", 17), "eventDetail: must be an object"),
        (
            bodies.flat("ROAMING_ON", {}, eventTime=None),
            "neither a CloudEvent nor an object with an event object",
        ),
        (
            bodies.flat(None, {}),
            "neither a CloudEvent nor an object with an event object",
        ),
    ],
)
def test_a_member_of_a_flat_event_that_makes_no_sense_is_refused_by_name(
    body: bytes, refusal: str
) -> None:
    assert refusal == bodies.refused(body)


# The identities of stored events are these digests: a change here stores every event again.
def test_the_digest_of_a_flat_event_is_fixed() -> None:
    detail = {"ueId": {"msisdn": "99999991000"}, "roaming": True}
    assert (
        read_structured(bodies.flat("ROAMING_STATUS", detail)).digest.hex()
        == "ead2d8ac40bd6d0752e0d8346b985b88"
    )
    without = bodies.flat("ROAMING_STATUS", detail, subscriptionId=None)
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
    sent = bodies.flat("ROAMING_ON", {})
    assert (
        read_structured(sent).digest
        != read_structured(json.dumps(json.loads(sent) | changed).encode()).digest
    )


def test_a_flat_event_never_has_the_identity_of_a_nested_one() -> None:
    nested = json.loads(bodies.legacy("ROAMING_ON", {}))
    flat = json.dumps({"subscriptionId": "sub-1"} | nested["event"]).encode()
    assert read_structured(json.dumps(nested).encode()).digest != read_structured(flat).digest


def test_a_subscription_id_and_its_text_give_one_identity() -> None:
    digests = {
        read_structured(bodies.flat("ROAMING_ON", {}, **members)).digest
        for members in (
            {"subscriptionId": 17},
            {"subscriptionId": "17"},
            {"subscriptionId": None, "eventSubscriptionId": "17"},
        )
    }
    assert len(digests) == 1
