"""Verdicts: on each notification of a file, in the members of the REST resource."""

import base64
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from receiver.api.questions.event_resources import EventResource
from receiver.checker.verdict import (
    SIZE_MAX,
    CheckedEvent,
    Severity,
    Verdict,
    compose_members,
    find_identifier,
    judge,
)
from receiver.errors import NotificationRefused
from receiver.events.event import Event
from tests.support.bodies import cloudevent, event, understood

NUMBER = "+99999991000"
NOW = datetime(2026, 3, 4, tzinfo=UTC)


def test_no_member_is_named_otherwise_than_in_the_rest_resource() -> None:
    own = {"digest", "identified_by"}
    assert CheckedEvent.model_fields.keys() - EventResource.model_fields.keys() == own


@pytest.mark.parametrize(
    ("device", "subscription_id", "source", "expected"),
    [
        ({"phoneNumber": NUMBER, "ipv6Address": "2001:db8::1"}, "s", "//a", "phoneNumber"),
        ({"networkAccessIdentifier": "a@b"}, "s", "//a", "networkAccessIdentifier"),
        ({"networkAccessIdentifier": "[a b]"}, "s", "//a", "subscriptionId"),
        ({}, None, "//a/subscriptions/s", "subscriptionId"),
        ({"ipv6Address": "2001:db8::1"}, None, "//a", "ipv6Address"),
        (
            {"ipv4Address": {"publicAddress": "203.0.113.7", "publicPort": 80}},
            None,
            "//a",
            "ipv4Address",
        ),
        ({"ipv4Address": {"publicAddress": "203.0.113.7"}}, None, "//a", "source"),
    ],
)
def test_the_strongest_identifier_is_named(
    device: dict[str, object],
    subscription_id: str | None,
    source: str,
    expected: str,
) -> None:
    data = {"device": device, "subscriptionId": subscription_id}
    assert expected == find_identifier(event("roaming-on", data, source=source))


def test_where_nothing_is_said_the_credential_identifies() -> None:
    said = {"eventType": "ROAMING_ON", "eventTime": "2026-03-02T10:00:00Z", "eventDetail": {}}
    assert find_identifier(understood(json.dumps({"event": said}).encode())) == "credential"


def test_a_file_of_one_notification_has_one_verdict_without_an_index() -> None:
    [verdict] = judge("a file", cloudevent("roaming-on"), NOW)
    assert (verdict.file, verdict.index) == ("a file", None)
    assert verdict.outcome == event("roaming-on")


def test_each_member_of_a_batch_has_its_own_verdict() -> None:
    body = b" \n[" + cloudevent("roaming-on") + b", {}]"
    first, second = judge("a file", body, NOW)
    assert (first.index, second.index) == (0, 1)
    assert first.outcome == event("roaming-on")
    assert isinstance(second.outcome, NotificationRefused)


@pytest.mark.parametrize("wrap", [bytes, gzip.compress])
def test_a_file_is_opened_as_a_body_at_the_sink_is_but_has_no_headers_to_break(
    wrap: Callable[[bytes], bytes],
) -> None:
    plain = event("roaming-on", {"subscriptionId": "sub-1"})
    sent = json.loads(cloudevent("roaming-on"))
    encoded = base64.b64encode(json.dumps(sent.pop("data")).encode()).decode()
    body = json.dumps(sent | {"data_base64": encoded}).encode()
    [alone] = judge("a file", wrap(body), NOW)
    [member] = judge("a file", wrap(b"[" + body + b"]"), NOW)
    assert (alone.index, member.index) == (None, 0)
    for verdict in (alone, member):
        assert isinstance(verdict.outcome, Event)
        assert verdict.outcome == plain._replace(payload=body.decode())
        assert verdict.severity is Severity.CLEAN


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(b"{}", mtime=0)[:-1], "the gzip body ends too early"),
        (b"\x1f\x8b", "the gzip body ends too early"),
        (
            gzip.compress(b" " * (SIZE_MAX + 1), mtime=0),
            "The body is larger than its limit once it is decompressed",
        ),
    ],
)
def test_a_compressed_file_that_cannot_be_opened_is_refused(body: bytes, reason: str) -> None:
    [verdict] = judge("a file", body, NOW)
    assert isinstance(verdict.outcome, NotificationRefused)
    assert (verdict.index, verdict.outcome.reason) == (None, reason)


def test_the_severity_of_a_verdict_is_its_exit_status() -> None:
    clean = Verdict("a file", None, event("roaming-on"))
    forgiven = Verdict("a file", None, event("roaming-on", time=None))
    refused = Verdict("a file", None, NotificationRefused("has no id"))
    assert [clean.severity, forgiven.severity, refused.severity] == list(Severity) == [0, 1, 2]


def test_the_members_of_a_refusal_are_its_place_and_reason() -> None:
    verdict = Verdict("a file", 7, NotificationRefused("must be true or false", "data.roaming"))
    assert compose_members(verdict) == {
        "file": "a file",
        "index": 7,
        "refusal": {"place": "data.roaming", "reason": "must be true or false"},
    }


def test_the_members_of_an_event_explain_its_findings() -> None:
    found = compose_members(Verdict("a file", None, event("roaming-on", time=None)))
    assert "occurredAt" not in found["event"]  # type: ignore[operator] # members of JSON
    assert [finding["name"] for finding in found["findings"]] == ["time-missing"]  # type: ignore[attr-defined] # members of JSON
