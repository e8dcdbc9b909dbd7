"""Which event names are known, whatever their API and version, and what each means."""

from datetime import UTC, datetime

import pytest

from receiver.events.event import Device, Event, Form, Kind, Status
from receiver.events.findings import Finding
from receiver.events.forms.envelope import Envelope
from receiver.events.registry import FAMILIES, list_synonyms, understand
from tests.support import bodies
from tests.support.paths import ROOT

FAMILIES_ROOM = ROOT / "receiver/events/families"

ROAMING = ("roaming-status", "roaming-on", "roaming-off", "roaming-change-country")
CONNECTIVITY = ("connectivity-data", "connectivity-sms", "connectivity-disconnected")
REACHABILITY = ("reachability-data", "reachability-sms", "reachability-disconnected")
LIFE = ("subscription-started", "subscription-updated", "subscription-ended", "subscription-ends")
PUBLISHED = {
    "device-status.v0": (*ROAMING, *CONNECTIVITY, "subscription-ends"),
    "roaming-status-subscriptions.v0": (*ROAMING, "subscription-ends"),
    "device-roaming-status-subscriptions.v0": (*ROAMING, *LIFE),
    "device-reachability-status-subscriptions.v0": (*REACHABILITY, *LIFE),
    "connected-network-type-subscriptions.v0": ("network-type-changed", *LIFE),
    "some-api-to-come.v7": (*ROAMING, *REACHABILITY, "network-type-changed", *LIFE),
}
MEANING = {
    "roaming-status": (Kind.ROAMING, Status(roaming=False)),
    "roaming-on": (Kind.ROAMING, Status(roaming=True)),
    "roaming-off": (Kind.ROAMING, Status(roaming=False)),
    "roaming-change-country": (
        Kind.ROAMING,
        Status(roaming=True, country_code=208, country_name=("FR",)),
    ),
    "connectivity-data": (Kind.CONNECTIVITY, Status(connectivity="CONNECTED_DATA")),
    "connectivity-sms": (Kind.CONNECTIVITY, Status(connectivity="CONNECTED_SMS")),
    "connectivity-disconnected": (Kind.CONNECTIVITY, Status(connectivity="NOT_CONNECTED")),
    "reachability-data": (Kind.CONNECTIVITY, Status(connectivity="CONNECTED_DATA")),
    "reachability-sms": (Kind.CONNECTIVITY, Status(connectivity="CONNECTED_SMS")),
    "reachability-disconnected": (Kind.CONNECTIVITY, Status(connectivity="NOT_CONNECTED")),
    "network-type-changed": (Kind.NETWORK_TYPE, Status(connected_network_type="4G")),
    "subscription-started": (Kind.SUBSCRIPTION, Status(initiation_reason="SUBSCRIPTION_CREATED")),
    "subscription-updated": (Kind.SUBSCRIPTION, Status(update_reason="SUBSCRIPTION_INACTIVE")),
    "subscription-ended": (Kind.SUBSCRIPTION, Status(termination_reason="NETWORK_TERMINATED")),
    "subscription-ends": (Kind.SUBSCRIPTION, Status(termination_reason="NETWORK_TERMINATED")),
}
MEMBERS: dict[str, dict[str, object]] = {
    "roaming-status": {"roaming": False},
    "roaming-change-country": {"countryCode": 208, "countryName": ["FR"]},
    "network-type-changed": {"connectedNetworkType": "4G"},
    "subscription-started": {"initiationReason": "SUBSCRIPTION_CREATED"},
    "subscription-updated": {"updateReason": "SUBSCRIPTION_INACTIVE"},
    "subscription-ended": {"terminationReason": "NETWORK_TERMINATED"},
    "subscription-ends": {"terminationReason": "NETWORK_TERMINATED"},
}


@pytest.mark.parametrize(
    ("api", "name"), [(api, name) for api, names in PUBLISHED.items() for name in names]
)
def test_every_published_event_is_understood_whatever_its_api(api: str, name: str) -> None:
    data = {"subscriptionId": "sub-1", "device": {"phoneNumber": "+99999991000"}}
    event = bodies.event(name, data | MEMBERS.get(name, {}), type=f"org.camaraproject.{api}.{name}")
    assert MEANING[name] == (event.kind, event.status)
    assert (name, f"org.camaraproject.{api}.{name}") == (event.name, event.type)
    assert ("sub-1", Device(phone_number="+99999991000")) == (event.subscription_id, event.device)
    assert event.findings == ()


@pytest.mark.parametrize(
    ("api", "name", "source", "findings"),
    [
        ("device-roaming-status-subscriptions", "roaming-on", "x", ("subscription-id-missing",)),
        ("device-roaming-status-subscriptions", "roaming-on", "/subscriptions/1", ()),
        ("roaming-status-subscriptions", "roaming-on", "x", ()),
        (
            "roaming-status-subscriptions",
            "subscription-ends",
            "x",
            ("reason-missing", "subscription-id-missing"),
        ),
        ("device-status", "subscription-ends", "x", ("reason-missing",)),
        ("device-status", "roaming-on", "x", ()),
        ("some-api-to-come", "weather-changed", "x", ()),
    ],
)
def test_an_api_that_asks_for_a_subscription_id_is_owed_one(
    api: str, name: str, source: str, findings: tuple[str, ...]
) -> None:
    type_ = f"org.camaraproject.{api}.v0.{name}"
    assert findings == bodies.event(name, {}, type=type_, source=source).findings


@pytest.mark.parametrize(
    "data",
    [
        17,
        "text",
        [],
        {"device": 17, "subscriptionId": {}},
        {"device": {"phoneNumber": []}, "subscriptionId": "x" * 257},
        {"device": {"networkAccessIdentifier": "x" * 2049}},
    ],
)
def test_nothing_in_the_data_of_an_unknown_type_refuses_it(data: object) -> None:
    event = bodies.event("weather-changed", data)
    assert (event.kind, event.subscription_id, event.findings) == (Kind.UNRECOGNISED, None, ())


@pytest.mark.parametrize(
    "type_", ["connectivity", "a.connectivity", "a.Roaming-On", "a.roaming-on.", "ROAMING_ON", "."]
)
def test_a_name_is_known_only_as_camara_writes_it(type_: str) -> None:
    assert bodies.event("", type=type_).kind == Kind.UNRECOGNISED


@pytest.mark.parametrize("name", sorted(MEANING))
@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (17, "data: must be an object"),
        ([], "data: must be an object"),
        ({"subscriptionId": {}}, "data.subscriptionId: must be a string"),
        ({"subscriptionId": "x" * 257}, "data.subscriptionId: longer than 256 characters"),
    ],
)
def test_a_known_type_with_senseless_data_is_refused(name: str, data: object, refusal: str) -> None:
    assert refusal == bodies.refusal(name, data)


def test_data_may_be_missing() -> None:
    body = bodies.cloudevent("roaming-on").replace(b'"data"', b'"nodata"')
    event = bodies.understood(body)
    assert (Status(roaming=True), ("data-missing",)) == (event.status, event.findings)


def test_a_missing_time_is_that_of_arrival() -> None:
    event = bodies.event("roaming-on", time=None)
    assert (event.occurred_at, event.findings) == (bodies.ARRIVAL, ("time-missing",))


def test_an_event_of_an_unknown_type_keeps_its_device() -> None:
    event = bodies.event("area-left", {"device": {"phoneNumber": "+99999991000"}, "area": []})
    assert (Kind.UNRECOGNISED, Status(), ()) == (event.kind, event.status, event.findings)
    assert Device("+99999991000") == event.device


@pytest.mark.parametrize("name", ["sim-swapped", "subscription-ended"])
def test_a_phone_number_stands_in_for_an_absent_device(name: str) -> None:
    type_ = f"org.camaraproject.sim-swap-subscriptions.v0.{name}"
    data = {"phoneNumber": "+99999991000", "subscriptionId": "s", "terminationReason": "X"}
    event = bodies.event("", data, type=type_)
    assert Device("+99999991000") == event.device
    assert "identifier-outside-device" not in event.findings
    device = {"networkAccessIdentifier": "a@b.invalid"}
    event = bodies.event("", data | {"device": device}, type=type_)
    assert Device(network_access_identifier="a@b.invalid") == event.device


def test_a_family_reads_what_was_sent() -> None:
    """Guards the order in which its `Members` are built by position."""
    data = {"device": {"phoneNumber": "+99999", "countryName": ["FR"]}, "countryCode": 208}
    for event in (bodies.event("roaming-on", data), bodies.legacy_event("ROAMING_ON", data)):
        assert Status(roaming=True, country_code=208, country_name=("FR",)) == event.status
        is_unexpected = "country-unexpected" in event.findings
        assert is_unexpected == (event.form is Form.CLOUDEVENTS)


@pytest.mark.parametrize("version", ["v0", "v1", "v12"])
def test_the_version_of_an_event_does_not_matter(version: str) -> None:
    event = bodies.event(
        "", type=f"org.camaraproject.device-roaming-status-subscriptions.{version}.roaming-on"
    )
    assert Status(roaming=True) == event.status


def test_no_event_depends_on_one_before_it() -> None:
    sent = [bodies.cloudevent(name) for name in ("subscription-ended", "roaming-on")]
    forwards = [bodies.understood(body) for body in sent]
    backwards = [bodies.understood(body) for body in reversed(sent)]
    assert forwards == backwards[::-1]


def test_every_part_of_an_envelope_stands_in_its_own_place_of_the_event() -> None:
    """Guards the order in which the event is built by position."""
    envelope = Envelope(
        form=Form.LEGACY,
        type="the type",
        name="roaming-change-country",
        source="the source",
        event_id="the id",
        time="2026-03-02T10:00:00Z",
        subscription_id="the subscription",
        data={"device": {"phoneNumber": "+99999991000"}, "countryCode": 208, "countryName": "FR"},
        payload="the payload",
        digest=b"the digest",
        findings=frozenset({Finding.DRAFT_FORM}),
        time_place="",
        fault=None,
    )
    expected = Event(
        kind=Kind.ROAMING,
        name="roaming-change-country",
        type="the type",
        form=Form.LEGACY,
        source="the source",
        event_id="the id",
        subscription_id="the subscription",
        occurred_at=datetime(2026, 3, 2, 10, tzinfo=UTC),
        device=Device(phone_number="+99999991000"),
        status=Status(roaming=True, country_code=208, country_name=("FR",)),
        findings=("country-name-not-a-list", "draft-form"),
        digest=b"the digest",
        payload="the payload",
    )
    assert expected == understand(envelope, bodies.ARRIVAL)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("subscription-ends", {"subscription-ends", "subscription-ended"}),
        ("subscription-ended", {"subscription-ends", "subscription-ended"}),
        ("reachability-data", {"connectivity-data", "reachability-data"}),
        ("connectivity-sms", {"connectivity-sms", "reachability-sms"}),
        ("connectivity-disconnected", {"connectivity-disconnected", "reachability-disconnected"}),
        ("connectivity", {"connectivity"}),
        ("roaming-on", {"roaming-on"}),
    ],
)
def test_synonyms_mean_the_same(name: str, names: set[str]) -> None:
    assert names == set(list_synonyms(name))


def test_the_names_of_a_group_of_synonyms_are_known_and_mean_the_same() -> None:
    for family in FAMILIES:
        for names in family.synonyms:
            meant = [family.meanings[name] for name in names]
            assert meant == len(names) * meant[:1]


def test_no_two_families_claim_one_event_name() -> None:
    claimed = [name for family in FAMILIES for name in (*family.meanings, *family.legacy_meanings)]
    assert sorted(set(claimed)) == sorted(claimed)


def test_every_family_in_the_room_is_entered_and_gives_its_own_kind() -> None:
    modules = {path.stem for path in FAMILIES_ROOM.glob("*.py")} - {"__init__"}
    kinds = {str(meaning.kind) for family in FAMILIES for meaning in family.meanings.values()}
    assert {name.replace("_", "-") for name in modules} == kinds
    assert set(Kind) == kinds | {Kind.UNRECOGNISED}
