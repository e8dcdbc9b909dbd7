"""The counts: each notification once, and no more memory for a longer stream."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from receiver.checker.senders import tally
from receiver.checker.senders.captures import Capture
from receiver.checker.senders.tally import OTHER, Tally, count_all
from tests.support.bodies import cloudevent, legacy

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def count(*sent: bytes | Capture) -> Tally:
    captures = (
        each if isinstance(each, Capture) else Capture(line, each, {})
        for line, each in enumerate(sent, 1)
    )
    return count_all(("file", capture) for capture in captures)


def roaming(number: int, **changed: object) -> bytes:
    return cloudevent("roaming-on", id=str(number), **changed)


def test_each_notification_is_understood_or_refused() -> None:
    found = count(roaming(1), b"nonsense", cloudevent("roaming-status", id="2"), b"{}")
    assert (found.notifications, found.understood, found.with_findings) == (4, 2, 1)
    assert {reason: fault.count for reason, fault in found.refused.items()} == {
        "line 1 column 1: not valid JSON": 1,
        "neither a CloudEvent nor an object with an event object": 1,
    }
    assert {name: fault.count for name, fault in found.broken.items()} == {"roaming-missing": 1}
    assert found.broken["roaming-missing"].example.place == "file:3"


def test_a_fault_is_shown_by_the_first_and_masked() -> None:
    data = {"subscriptionId": "s", "device": {"phoneNumber": "99999991000"}}
    found = count(roaming(1, data=data), roaming(2, data=data))
    fault = found.broken["phone-number-without-plus"]
    assert (fault.count, fault.example.place) == (2, "file:1")
    assert "99999991000" not in json.dumps(fault.example.notification)


def test_each_member_of_a_batch_counts_with_its_place() -> None:
    batch = b"[" + roaming(1) + b"," + roaming(2, specversion=1.0) + b", 7]"
    found = count(batch)
    assert (found.notifications, found.understood) == (3, 2)
    assert found.broken["specversion-not-a-string"].example.place == "file:1 [1]"
    (refused,) = found.refused.values()
    assert refused.example.place == "file:1 [2]"


def test_headers_are_judged_where_the_file_has_them() -> None:
    binary = {
        "content-type": "application/json", "ce-specversion": "1.0", "ce-id": "1",
        "ce-source": "//operator.invalid", "ce-time": "2026-03-02T10:00:00Z",
        "ce-type": "org.camaraproject.device-status.v0.roaming-on",
    }  # fmt: skip
    text = {"content-type": "text/plain"}
    found = count(
        Capture(1, b'{"subscriptionId": "s"}', binary),
        Capture(2, roaming(2), {"content-type": "application/cloudevents-batch+json"}),
        Capture(3, roaming(3), text),
        Capture(4, roaming(4), {}),
        Capture(5, b"", {}, fault="receivedAt: must have a zone"),
    )
    assert found.understood == 3
    assert {name: fault.count for name, fault in found.broken.items()} == {
        "content-type-mismatch": 1
    }
    assert len(found.refused) == 2
    assert [fault.example.media_type for fault in found.refused.values()] == ["text/plain", None]


def test_what_comes_again_is_a_duplicate_and_what_only_has_its_id_breaks_a_rule() -> None:
    found = count(
        roaming(1), roaming(1), roaming(1, time="2026-03-02T11:00:00Z"), roaming(1),
        roaming(1, source="//other.invalid"),
    )  # fmt: skip
    assert found.duplicates == 1
    assert found.reused is not None
    assert (found.reused.count, found.reused.example.place) == (2, "file:3")


def test_the_legacy_form_has_duplicates_without_an_id() -> None:
    status = {"deviceStatus": "REACHABLE", "device": {"phoneNumber": "+99999991000"}}
    found = count(legacy("CONNECTIVITY", status), legacy("CONNECTIVITY", status))
    assert (found.duplicates, found.reused, found.forms) == (1, None, {"legacy": 2})
    assert found.versions == {"legacy": 2}


def test_an_event_before_one_that_came_is_out_of_order_in_its_subscription_only() -> None:
    def at(number: int, hour: int, subscription: str) -> bytes:
        time = f"2026-03-02T{hour:02}:00:00Z"
        return roaming(number, time=time, data={"subscriptionId": subscription})

    found = count(at(1, 10, "a"), at(2, 12, "a"), at(3, 11, "a"), at(4, 9, "b"), at(5, 12, "a"))
    assert found.out_of_order == 1
    assert (found.first_at, found.last_at) == (NOW - timedelta(hours=1), NOW + timedelta(hours=2))


def test_lateness_is_counted_where_the_arrival_is_known() -> None:
    def captured(number: int, seconds: float) -> Capture:
        return Capture(number, roaming(number), {}, NOW + timedelta(seconds=seconds))

    found = count(captured(1, 0.5), captured(2, 30), captured(3, -5), captured(4, 1e6), roaming(5))
    assert found.late_by == {1: 2, 60: 1, None: 1}
    assert found.longest_late == 1e6


def test_a_time_ahead_of_the_arrival_is_found_only_where_that_is_known() -> None:
    ahead = roaming(1, time="2026-03-02T11:00:00Z")
    assert "time-in-future" in count(Capture(1, ahead, {}, NOW)).broken
    assert count(ahead).broken == {}


def test_an_event_without_a_time_says_nothing_of_times() -> None:
    found = count(Capture(1, roaming(1, time=None), {}, NOW))
    assert (found.first_at, found.late_by) == (None, {})
    assert "time-missing" in found.broken


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDS_MAX", "SUBSCRIPTIONS_MAX", "TYPES_MAX", "REASONS_MAX"):
        monkeypatch.setattr(tally, name, 3)


@pytest.mark.usefixtures("small")
def test_a_longer_stream_takes_no_more_memory() -> None:
    found = count(
        *(
            cloudevent(f"kind-{'x' * number}", {"subscriptionId": f"s{number}"}, id=str(number))
            for number in range(50)
        ),
        *(roaming(1, data={"device": n, "subscriptionId": [n]}) for n in range(5)),
        roaming(0, data={"subscriptionId": "s"}),
    )
    assert len(found._ids) == len(found._latest) == 3
    assert len(found.types) == 4
    assert found.types[OTHER] > 40
    assert found.duplicates == 0


@pytest.mark.usefixtures("small")
def test_reasons_beyond_the_first_are_counted_together() -> None:
    bodies = [b"\n" * lines + b"x" for lines in range(6)]
    found = count(*bodies)
    assert {reason: fault.count for reason, fault in found.refused.items()}[OTHER] == 3
    assert len(found.refused) == 4
