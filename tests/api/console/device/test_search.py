"""What people type to find a device."""

from typing import Any
from uuid import UUID

import pytest

from receiver.api.console.device.search import list_candidates, read_identifier


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("+99999991000", {"phoneNumber": "+99999991000"}),
        (" +999 99 99 10 00 ", {"phoneNumber": "+99999991000"}),
        ("9999\u00a09991000", {"phoneNumber": "99999991000"}),
        ("nobody", {"phoneNumber": "nobody"}),
        ("", {"phoneNumber": ""}),
        ("phone@operator.example", {"networkAccessIdentifier": "phone@operator.example"}),
        ("203.0.113.7", {"ipv4Address": {"publicAddress": "203.0.113.7"}}),
        (
            " 203.0.113.7 : 4711",
            {"ipv4Address": {"publicAddress": "203.0.113.7", "publicPort": 4711}},
        ),
        ("2001:DB8::1", {"ipv6Address": "2001:db8::1"}),
        ("[2001:db8::1]:443", {"ipv6Address": "2001:db8::1"}),
        ("[2001:db8::1]", {"ipv6Address": "2001:db8::1"}),
        ("203.0.113.999", {"phoneNumber": "203.0.113.999"}),
    ],
)
def test_every_kind_of_identifier_is_told_by_its_notation(
    text: str, identifier: dict[str, Any]
) -> None:
    assert read_identifier(text) == identifier


def test_a_device_id_is_found_as_it_is() -> None:
    text = "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa"
    assert read_identifier(f" {text.upper()} ") == UUID(text)


def test_candidates_are_the_latest_event_of_each_device() -> None:
    events = [{"deviceId": "a", "id": 3}, {"deviceId": "b", "id": 2}, {"deviceId": "a", "id": 1}]
    assert [event["id"] for event in list_candidates(events)] == [3, 2]
