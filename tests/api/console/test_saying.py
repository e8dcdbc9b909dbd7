"""What one event says, in words."""

from typing import Any

import pytest

from receiver.api.console.saying import name_device, say_event

DEVICE = "8cda3c0f-c593-5077-85a7-c6b4f37c1bb4"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({}, ""),
        ({"connectivity": "CONNECTED_SMS"}, "SMS only"),
        ({"roaming": False}, "Home network"),
        ({"roaming": True, "countryCode": 208, "countryName": ["FR"]}, "Roaming, France"),
        ({"connectedNetworkType": "5G"}, "5G"),
        ({"terminationReason": "NETWORK_TERMINATED"}, "Network terminated"),
        ({"updateReason": "SUBSCRIPTION_INACTIVE"}, "Subscription inactive"),
    ],
)
def test_an_event_says_what_it_reports(status: dict[str, Any], words: str) -> None:
    assert say_event({"status": status}) == words


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ({"phoneNumber": "+99999991000", "ipv6Address": "2001:db8::1"}, "+99999991000"),
        ({"networkAccessIdentifier": "a@b.example"}, "a@b.example"),
        ({"ipv4Address": {"publicAddress": "192.0.2.1"}}, "192.0.2.1"),
        ({"ipv6Address": "2001:db8::1"}, "2001:db8::1"),
        ({}, "8cda3c0f"),
    ],
)
def test_a_device_is_named_as_its_event_does(device: dict[str, Any], name: str) -> None:
    assert name_device({"device": device, "deviceId": DEVICE}) == name
