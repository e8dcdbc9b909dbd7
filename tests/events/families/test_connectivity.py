"""What a connectivity event says: reachable by data, by SMS, or not at all."""

import pytest

from receiver.events.event import Event, Kind, Status
from tests.support import bodies


@pytest.mark.parametrize("prefix", ["connectivity", "reachability"])
@pytest.mark.parametrize(
    ("name", "connectivity"),
    [("data", "CONNECTED_DATA"), ("sms", "CONNECTED_SMS"), ("disconnected", "NOT_CONNECTED")],
)
def test_the_name_alone_says_what_is_reachable(prefix: str, name: str, connectivity: str) -> None:
    event = bodies.event(f"{prefix}-{name}", {"subscriptionId": "s", "connectivity": "nonsense"})
    assert (event.kind, event.findings) == (Kind.CONNECTIVITY, ())
    assert Status(connectivity=connectivity) == event.status


def test_a_legacy_reachable_claims_neither_data_nor_sms() -> None:
    event = bodies.legacy_event("CONNECTIVITY", {"deviceStatus": "REACHABLE"})
    assert (event.kind, event.findings) == (Kind.CONNECTIVITY, ())
    assert Status(connectivity="CONNECTED") == event.status


def test_a_legacy_event_that_does_not_say_whether_is_forgiven() -> None:
    event = bodies.legacy_event("CONNECTIVITY", {"deviceStatus": None})
    assert (Status(), ("connectivity-missing",)) == (event.status, event.findings)


@pytest.mark.parametrize("event_type", ["CONNECTIVITY", "DEVICE_STATUS_CHANGED"])
@pytest.mark.parametrize(
    ("word", "connectivity"), [("reachable", "CONNECTED"), ("Unreachable", "NOT_CONNECTED")]
)
def test_a_word_in_small_letters_has_one_meaning(
    event_type: str, word: str, connectivity: str
) -> None:
    event = bodies.legacy_event(event_type, {"deviceStatus": word})
    assert Status(connectivity=connectivity) == event.status
    assert event.findings == ("connectivity-misspelt",)


@pytest.mark.parametrize(
    ("event_type", "member"),
    [
        ("CONNECTIVITY", "deviceStatus"),
        ("DEVICE_STATUS_CHANGED", "deviceStatus"),
        ("UE_REACHABILITY", "reachabilityType"),
    ],
)
@pytest.mark.parametrize("word", ["SLEEPY", "", 17, ["REACHABLE"], {}, False])
def test_a_word_that_no_draft_has_is_left_out(event_type: str, member: str, word: object) -> None:
    event = bodies.legacy_event(event_type, {member: word})
    assert (event.kind, event.name) == (Kind.CONNECTIVITY, "connectivity")
    assert (Status(), ("connectivity-malformed",)) == (event.status, event.findings)


@pytest.mark.parametrize(
    ("detail", "connectivity", "findings"),
    [
        ({"deviceStatus": "REACHABLE", "reachabilityType": "SMS"}, "CONNECTED_SMS", ()),
        ({"deviceStatus": "REACHABLE", "reachabilityType": None}, "CONNECTED", ()),
        ({"reachabilityType": "DATA"}, "CONNECTED_DATA", ()),
        (
            {"deviceStatus": "UNREACHABLE", "reachabilityType": "DATA"},
            "NOT_CONNECTED",
            ("connectivity-contradicts-name",),
        ),
        (
            {"deviceStatus": "SLEEPY", "reachabilityType": "DATA"},
            "CONNECTED_DATA",
            ("connectivity-malformed",),
        ),
    ],
)
def test_a_legacy_event_says_all_that_its_words_say(
    detail: dict[str, object], connectivity: str, findings: tuple[str, ...]
) -> None:
    event = bodies.legacy_event("CONNECTIVITY", detail)
    assert (Status(connectivity=connectivity), findings) == (event.status, event.findings)


@pytest.mark.parametrize(
    ("event", "findings"),
    [
        (bodies.event("connectivity-data", {"deviceStatus": "REACHABLE"}), ()),
        (bodies.event("reachability-sms", {"reachabilityType": "SMS"}), ()),
        (
            bodies.event("connectivity-data", {"deviceStatus": "UNREACHABLE"}),
            ("connectivity-contradicts-name",),
        ),
        (
            bodies.event("reachability-data", {"reachabilityType": "SMS"}),
            ("connectivity-contradicts-name",),
        ),
        (
            bodies.legacy_event("LOSS_OF_CONNECTIVITY", {"deviceStatus": "REACHABLE"}),
            ("connectivity-contradicts-name",),
        ),
        (bodies.event("connectivity-sms", {"deviceStatus": 17}), ("connectivity-malformed",)),
    ],
)
def test_the_name_of_an_event_counts_and_a_contradiction_is_found(
    event: Event, findings: tuple[str, ...]
) -> None:
    plain = bodies.event(event.name, {})
    assert (plain.status, findings) == (event.status, event.findings)


def test_no_cloudevent_has_the_name_of_the_legacy_event() -> None:
    assert bodies.event("connectivity", {"deviceStatus": "REACHABLE"}).kind == Kind.UNRECOGNISED
