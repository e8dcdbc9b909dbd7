"""What a connectivity event says: reachable by data, by SMS, or not at all."""

import pytest

from receiver.events.event import Kind, Status
from tests.support import bodies


@pytest.mark.parametrize("prefix", ["connectivity", "reachability"])
@pytest.mark.parametrize(
    ("name", "connectivity"),
    [("data", "CONNECTED_DATA"), ("sms", "CONNECTED_SMS"), ("disconnected", "NOT_CONNECTED")],
)
def test_the_name_alone_says_what_is_reachable(prefix: str, name: str, connectivity: str) -> None:
    event = bodies.event(f"{prefix}-{name}", {"deviceStatus": 17, "connectivity": "nonsense"})
    assert (event.kind, event.findings) == (Kind.CONNECTIVITY, ())
    assert Status(connectivity=connectivity) == event.status


def test_a_legacy_reachable_claims_neither_data_nor_sms() -> None:
    event = bodies.legacy_event("CONNECTIVITY", {"deviceStatus": "REACHABLE"})
    assert (event.kind, event.findings) == (Kind.CONNECTIVITY, ())
    assert Status(connectivity="CONNECTED") == event.status


def test_a_legacy_event_that_does_not_say_whether_is_forgiven() -> None:
    event = bodies.legacy_event("CONNECTIVITY", {"deviceStatus": None})
    assert (Status(), ("connectivity-missing",)) == (event.status, event.findings)


def test_no_cloudevent_has_the_name_of_the_legacy_event() -> None:
    assert bodies.event("connectivity", {"deviceStatus": "REACHABLE"}).kind == Kind.UNRECOGNISED
