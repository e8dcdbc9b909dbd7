"""A device and a status as JSON: what was said, and no member for what was not."""

import subprocess
import sys
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest

from receiver.api.answers.resource import Resource
from receiver.api.questions.resources import DeviceResource, StatusResource
from receiver.events.event import Device, Status


def written(resource: Resource) -> dict[str, Any]:
    return resource.model_dump(mode="json", by_alias=True, exclude_none=True)


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (Device(), {}),
        (Device(phone_number="+99999991000"), {"phoneNumber": "+99999991000"}),
        (
            Device(network_access_identifier="device@operator.example"),
            {"networkAccessIdentifier": "device@operator.example"},
        ),
        (Device(ipv6_address=IPv6Address("2001:DB8::0001")), {"ipv6Address": "2001:db8::1"}),
        (
            Device(ipv4_public_address=IPv4Address("203.0.113.7")),
            {"ipv4Address": {"publicAddress": "203.0.113.7"}},
        ),
        (Device(ipv4_public_port=4711), {"ipv4Address": {"publicPort": 4711}}),
        (
            Device(
                ipv4_public_address=IPv4Address("203.0.113.7"),
                ipv4_private_address=IPv4Address("192.0.2.25"),
                ipv4_public_port=4711,
            ),
            {
                "ipv4Address": {
                    "publicAddress": "203.0.113.7",
                    "privateAddress": "192.0.2.25",
                    "publicPort": 4711,
                }
            },
        ),
    ],
    ids=str,
)
def test_a_device_shows_the_identifiers_that_were_reported(
    device: Device, expected: dict[str, Any]
) -> None:
    assert written(DeviceResource.of(device)) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status(), {}),
        (Status(roaming=False), {"roaming": False}),
        (
            Status(roaming=True, country_code=208, country_name=("FR", "MC")),
            {"roaming": True, "countryCode": 208, "countryName": ["FR", "MC"]},
        ),
        (Status(country_name=()), {"countryName": []}),
        (Status(connectivity="CONNECTED_SMS"), {"connectivity": "CONNECTED_SMS"}),
        (Status(connected_network_type="5G"), {"connectedNetworkType": "5G"}),
    ],
    ids=str,
)
def test_a_status_shows_what_the_event_says(status: Status, expected: dict[str, Any]) -> None:
    assert written(StatusResource.of(status)) == expected


def test_every_field_of_a_status_has_its_member() -> None:
    status = Status(
        termination_reason="a",
        initiation_reason="b",
        update_reason="c",
        termination_description="d",
        initiation_description="e",
        update_description="f",
    )
    assert written(StatusResource.of(status)) == {
        "terminationReason": "a",
        "initiationReason": "b",
        "updateReason": "c",
        "terminationDescription": "d",
        "initiationDescription": "e",
        "updateDescription": "f",
    }
    assert set(StatusResource.model_fields) == set(Status._fields)


def test_the_resources_that_receiver_check_needs_load_no_database() -> None:
    program = (
        "import sys, receiver.api.questions.resources;"
        "print({'sqlalchemy', 'psycopg', 'fastapi'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"
