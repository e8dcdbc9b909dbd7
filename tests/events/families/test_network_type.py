"""What a change of network type says, what it forgives and what it leaves out."""

import pytest

from receiver.events.event import Device, Event, Kind, Status
from tests.support import bodies

NAME = "network-type-changed"


def _changed(network_type: object) -> Event:
    return bodies.event(NAME, {"subscriptionId": "s", "connectedNetworkType": network_type})


@pytest.mark.parametrize("network_type", ["2G", "3G", "4G", "5G", "UNKNOWN"])
def test_every_network_type_of_the_specification_is_taken(network_type: str) -> None:
    event = _changed(network_type)
    assert (event.kind, event.findings) == (Kind.NETWORK_TYPE, ())
    assert Status(connected_network_type=network_type) == event.status


def test_an_event_without_device_is_understood() -> None:
    event = bodies.sample("cloudevent-network-type-changed")
    assert (Device(), "net-04") == (event.device, event.subscription_id)
    assert Status(connected_network_type="5G") == event.status


@pytest.mark.parametrize(
    ("data", "status", "findings"),
    [
        ({}, Status(), ("network-type-missing",)),
        ({"connectedNetworkType": None}, Status(), ("network-type-missing",)),
        (
            {"connectedNetworkType": "6G"},
            Status(connected_network_type="6G"),
            ("network-type-unknown",),
        ),
    ],
)
def test_a_missing_or_new_network_type_is_forgiven(
    data: dict[str, object], status: Status, findings: tuple[str, ...]
) -> None:
    event = bodies.event(NAME, {"subscriptionId": "s"} | data)
    assert (status, findings) == (event.status, event.findings)


@pytest.mark.parametrize("network_type", [5, 5.0, True, ["5G"], {}, "x" * 257])
def test_a_network_type_that_is_no_short_text_is_left_out(network_type: object) -> None:
    event = _changed(network_type)
    assert (Status(), ("network-type-malformed",)) == (event.status, event.findings)
