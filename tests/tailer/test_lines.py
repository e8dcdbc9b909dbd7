import json
from typing import Any

import pytest

from receiver.client import StreamedEvent
from receiver.client.parsing import read
from receiver.tailer.lines import WORD_LENGTH_MAX, tell, write_json
from tests.support.described import schemas

EXAMPLE = schemas()["Event"]["example"]


def event(**changed: Any) -> StreamedEvent:
    return read(StreamedEvent, {**EXAMPLE, **changed})


def test_a_line_says_when_who_and_what() -> None:
    assert tell(event()) == (
        "2026-04-17T07:31:01Z  +99999991000  roaming  roaming-change-country  roams  FR"
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"connectivity": "CONNECTED_DATA"}, "CONNECTED_DATA"),
        ({"roaming": False}, "at home"),
        ({"roaming": True, "countryCode": 208}, "roams  208"),
        ({"connectedNetworkType": "5G"}, "5G"),
        ({"terminationReason": "SUBSCRIPTION_EXPIRED"}, "SUBSCRIPTION_EXPIRED"),
    ],
)
def test_a_line_ends_with_what_is_told(status: dict[str, Any], words: str) -> None:
    assert tell(event(status=status)).endswith(f"roaming-change-country  {words}")


def test_a_late_event_and_a_finding_are_named() -> None:
    assert tell(event(late=True, findings=["draft-form"])).endswith("(late)  (draft-form)")


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ({"networkAccessIdentifier": "a@example.com"}, "a@example.com"),
        ({"ipv4Address": {"publicAddress": "192.0.2.1"}}, "192.0.2.1"),
        ({"ipv6Address": "2001:db8::1"}, "2001:db8::1"),
        ({}, EXAMPLE["deviceId"]),
    ],
)
def test_a_device_is_named_by_what_is_known_of_it(device: dict[str, Any], name: str) -> None:
    assert tell(event(device=device)).split("  ")[1] == name


def test_no_word_of_a_sender_reaches_the_terminal_or_fills_it() -> None:
    line = tell(event(name="a\x1b[2J\n" + "b" * 1000))
    assert "\x1b" not in line
    assert "\n" not in line
    assert len(line) < 2 * WORD_LENGTH_MAX + 60


def test_json_is_what_the_stream_told() -> None:
    assert json.loads(write_json(event())) == EXAMPLE
    assert json.loads(write_json(event(late=True), forwarded=204)) == {
        **EXAMPLE,
        "late": True,
        "forwarded": 204,
    }
    assert "\n" not in write_json(event())
