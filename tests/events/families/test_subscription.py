"""What the events of a subscription's life say: its start, its updates and its end."""

import pytest

from receiver.events.event import Kind, Status
from tests.support import bodies

REASON_OF = {
    "subscription-started": "initiationReason",
    "subscription-updated": "updateReason",
    "subscription-ended": "terminationReason",
    "subscription-ends": "terminationReason",
}


@pytest.mark.parametrize(
    ("name", "reason", "status"),
    [
        (
            "subscription-started",
            "SUBSCRIPTION_CREATED",
            Status(initiation_reason="SUBSCRIPTION_CREATED"),
        ),
        (
            "subscription-updated",
            "SUBSCRIPTION_INACTIVE",
            Status(update_reason="SUBSCRIPTION_INACTIVE"),
        ),
        (
            "subscription-ended",
            "SUBSCRIPTION_EXPIRED",
            Status(termination_reason="SUBSCRIPTION_EXPIRED"),
        ),
        (
            "subscription-ends",
            "SUBSCRIPTION_EXPIRED",
            Status(termination_reason="SUBSCRIPTION_EXPIRED"),
        ),
    ],
)
def test_each_event_says_its_own_reason(name: str, reason: str, status: Status) -> None:
    event = bodies.event(name, {REASON_OF[name]: reason})
    assert (Kind.SUBSCRIPTION, status, ()) == (event.kind, event.status, event.findings)


def test_the_reason_of_another_event_is_found_and_not_shown() -> None:
    data = {"terminationReason": "SUBSCRIPTION_EXPIRED", "updateReason": "SUBSCRIPTION_ACTIVE"}
    event = bodies.event("subscription-ended", data)
    assert Status(termination_reason="SUBSCRIPTION_EXPIRED") == event.status
    assert event.findings == ("member-unexpected",)


@pytest.mark.parametrize("name", REASON_OF)
def test_a_reason_inside_the_device_is_taken_with_a_finding(name: str) -> None:
    device = {"phoneNumber": "+99999991000", REASON_OF[name]: "FULL_MOON"}
    event = bodies.event(name, {"device": device})
    assert "FULL_MOON" in event.status
    assert event.findings == ("reason-inside-device", "reason-unknown")


@pytest.mark.parametrize("name", REASON_OF)
def test_a_missing_reason_is_forgiven(name: str) -> None:
    event = bodies.event(name, {REASON_OF[name]: None})
    assert (Status(), ("reason-missing",)) == (event.status, event.findings)


@pytest.mark.parametrize("name", REASON_OF)
def test_a_reason_that_no_specification_lists_is_kept_as_text(name: str) -> None:
    event = bodies.event(name, {REASON_OF[name]: "FULL_MOON"})
    assert "FULL_MOON" in event.status
    assert event.findings == ("reason-unknown",)


@pytest.mark.parametrize("reason", ["x" * 257, True, 17, [], {"code": "FULL_MOON"}])
@pytest.mark.parametrize("name", REASON_OF)
def test_a_reason_that_is_no_short_text_is_left_out(name: str, reason: object) -> None:
    event = bodies.event(name, {REASON_OF[name]: reason})
    assert (Kind.SUBSCRIPTION, Status()) == (event.kind, event.status)
    assert event.findings == ("reason-malformed",)


@pytest.mark.parametrize(
    ("name", "member", "field"),
    [
        ("subscription-started", "initiationDescription", "initiation_description"),
        ("subscription-updated", "updateDescription", "update_description"),
        ("subscription-ended", "terminationDescription", "termination_description"),
        ("subscription-ends", "terminationDescription", "termination_description"),
    ],
)
@pytest.mark.parametrize(
    ("sent", "kept", "findings"),
    [
        ("The device left the network.", "The device left the network.", ()),
        ("", "", ()),
        (None, None, ()),
        ("x" * 1024, "x" * 1024, ()),
        ("x" * 1025, "x" * 1024, ("reason-description-malformed",)),
        (17, None, ("reason-description-malformed",)),
        (["why"], None, ("reason-description-malformed",)),
    ],
)
def test_each_event_gives_the_description_of_its_reason(
    name: str, member: str, field: str, sent: object, kept: str | None, findings: tuple[str, ...]
) -> None:
    event = bodies.event(name, {member: sent, REASON_OF[name]: "NETWORK_TERMINATED"})
    assert getattr(event.status, field) == kept
    assert set(event.findings) - {"reason-unknown"} == set(findings)


def test_a_description_inside_the_device_is_taken_with_a_finding() -> None:
    device = {"phoneNumber": "+99999991000", "terminationDescription": "over"}
    data = {"device": device, "terminationReason": "NETWORK_TERMINATED"}
    event = bodies.event("subscription-ended", data)
    assert event.status.termination_description == "over"
    assert event.findings == ("reason-inside-device",)


def test_the_end_of_a_roaming_subscription_needs_no_country() -> None:
    event = bodies.event(
        "",
        {"subscriptionId": "sub-1", "terminationReason": "MAX_EVENTS_REACHED"},
        type="org.camaraproject.device-roaming-status-subscriptions.v0.subscription-ended",
    )
    assert Status(termination_reason="MAX_EVENTS_REACHED") == event.status
    assert event.findings == ()


def test_the_start_of_an_unknown_subscription_is_understood() -> None:
    event = bodies.event(
        "subscription-started",
        {"subscriptionId": "new", "initiationReason": "SUBSCRIPTION_CREATED"},
    )
    assert (event.kind, event.subscription_id, event.findings) == (Kind.SUBSCRIPTION, "new", ())
