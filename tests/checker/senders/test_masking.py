"""Masking: what names somebody is shown nowhere, however a sender wraps it."""

import json
from typing import Any

import pytest

from receiver.checker.senders.masking import (
    DEPTH_MAX,
    ITEMS_MAX,
    MEMBERS_MAX,
    Masks,
    mask_type,
    show_media_type,
)
from tests.support.paths import ROOT

SECRETS = (
    "+99999991000",
    "99999991000",
    "tel:+99999-991000",
    "203.0.113.7",
    "2001:db8::7",
    "user@realm.example",
    "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl",
    "c8974e592c2fa383d4a3960714",
)


def masked(document: object) -> Any:
    return Masks().mask_notification(json.dumps(document).encode())


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "member",
    ["phoneNumber", "source", "id", "type", "terminationReason", "countryName", "time", "x", ""],
)
def test_a_secret_is_shown_under_no_member(secret: str, member: str) -> None:
    for document in (
        {member: secret},
        {"data": {"device": {member: secret}}},
        {"data": {member: [secret, {"deep": secret}]}},
        {secret: {secret: member}},
        [secret],
        secret,
    ):
        shown = json.dumps(masked(document))
        assert secret not in shown
        assert not any(digits in shown for digits in ("99999", "991000", "203.0", "db8", "8974"))


def test_a_number_that_is_no_text_is_masked_and_told() -> None:
    assert masked({"phoneNumber": 99999991000}) == {"phoneNumber": "number 00000000000 (masked 1)"}
    assert masked({"countryCode": 99999991000}) == {"countryCode": "number 00000000000 (masked 1)"}
    assert masked({"x": 1.5}) == {"x": "number 0.0 (masked 1)"}


def test_what_breaks_a_rule_is_seen_by_its_shape() -> None:
    device = {"phoneNumber": "0099999 991000", "ipv4Address": "203.0.113.7:80"}
    assert masked(device) == {
        "phoneNumber": "0000000 000000 (masked 1)",
        "ipv4Address": "000.0.000.0:00 (masked 2)",
    }


def test_the_same_text_has_the_same_mask_and_another_has_another() -> None:
    masks = Masks()
    first = masks.mask_notification(b'{"id": "1", "subject": "1", "source": "2"}')
    second = masks.mask_notification(b'{"id": "2"}')
    assert first == {"id": "0 (masked 1)", "subject": "0 (masked 1)", "source": "0 (masked 2)"}
    assert second == {"id": "0 (masked 2)"}


def test_what_says_nothing_of_anybody_is_shown() -> None:
    harmless = {
        "specversion": "1.0",
        "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-change-country",
        "datacontenttype": "application/json",
        "time": "2026-04-17T07:31:01.416474Z",
        "data": {"roaming": True, "countryCode": 208, "countryName": ["FR"], "device": None},
        "event": {"eventTime": "2026-04-17 07:31:01", "eventType": ""},
    }
    assert masked(harmless) == harmless


def test_long_and_deep_notifications_are_cut() -> None:
    assert len(masked({"x": list(range(99))})["x"]) == ITEMS_MAX + 1
    assert len(masked({"m" + "ab"[n % 2] * n: 1 for n in range(99)})) <= MEMBERS_MAX + 1
    deep: object = "end"
    for _ in range(99):
        deep = {"deep": deep}
    assert json.dumps(masked(deep)).count("deep") == DEPTH_MAX
    assert len(masked({"id": "x" * 5000})["id"]) < 80


@pytest.mark.parametrize("body", [b"", b"\xff", b"+99999991000 called", b"[" * 99999])
def test_of_what_is_no_json_only_the_size_is_shown(body: bytes) -> None:
    shown = Masks().mask_notification(body)
    assert shown == f"not shown: {len(body)} bytes that are no JSON"


def test_no_identifier_of_a_sample_is_shown() -> None:
    for sample in (ROOT / "tests/samples").glob("*/*.json"):
        shown = json.dumps(Masks().mask_notification(sample.read_bytes()))
        assert "99999" not in shown, sample
        assert "example" not in shown, sample


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("ROAMING_STATUS", "ROAMING_STATUS"),
        ("org.camaraproject.device-status.v0.roaming-on",) * 2,
        ("org.camara.api.device-status.RoamingOnEvent",) * 2,
        ("org.+99999991000", "xxx.+00000000000 (masked)"),
        ("eyJhbGci.e30.c2ln", "xxxxxxxx.x00.x0xx (masked)"),
        ("x" * 300, f"{'x' * 60} (masked)"),
    ],
)
def test_a_word_is_shown_unless_it_may_name_somebody(word: str, shown: str) -> None:
    assert mask_type(word) == shown


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("application/cloudevents+json; charset=utf-8", True),
        ("text/plain", True),
        # A line without headers is read with this one.
        ("application/json", False),
        ("+99999991000", False),
        ("application/json; number=99999991000", False),
        ("", False),
    ],
)
def test_a_media_type_is_shown_if_it_is_one(sent: str, shown: bool) -> None:
    assert show_media_type({"content-type": sent}) == (sent if shown else None)
