"""A selection chooses the events that it names, and no others."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import uuid5

import pytest

from receiver.events.event import Device
from receiver.store.events.history import History
from receiver.store.events.selection import Selection
from tests.support.arrivals import MORNING, NAMESPACE, PHONE_NUMBER, arrival
from tests.support.store.history import store, walk

DEVICE_ID = uuid5(NAMESPACE, PHONE_NUMBER)
SECOND = MORNING + timedelta(seconds=2)
FILTERED: list[tuple[dict[str, Any], list[int]]] = [
    ({"types": ["one.type"]}, [1]),
    ({"types": ["one.type", "other.type"]}, [1, 2]),
    ({"kinds": ["subscription"]}, [3]),
    ({"names": ["roaming-on"]}, [4]),
    ({"sources": ["https://elsewhere.example/"]}, [5]),
    ({"subscription_ids": ["s-6"]}, [6]),
    ({"credentials": ["nobody"]}, []),
    ({"occurred_from": SECOND, "occurred_to": SECOND + timedelta(seconds=2)}, [2, 3]),
    ({"received_from": MORNING + timedelta(hours=1, seconds=5)}, [5, 6]),
    ({"received_to": MORNING + timedelta(hours=1, seconds=2)}, [1]),
    ({"kinds": ["roaming"], "types": ["one.type"]}, [1]),
]  # fmt: skip


@pytest.mark.parametrize(("filters", "expected"), FILTERED, ids=[str(f) for f, _ in FILTERED])
async def test_filters_choose_the_events_they_name(
    history: History, conninfo: str, filters: dict[str, Any], expected: list[int]
) -> None:
    await store(
        conninfo,
        [
            arrival(1, type="one.type"),
            arrival(2, type="other.type"),
            arrival(3, kind="subscription"),
            arrival(4, name="roaming-on"),
            arrival(5, source="https://elsewhere.example/"),
            arrival(6, subscription_id="s-6"),
        ],
    )
    selection = replace(Selection(device_id=DEVICE_ID), **filters)
    assert await walk(history, selection, "asc", 50) == [f"event-{n}" for n in expected]


REPORTED = [
    Device(network_access_identifier="device@operator.example"),
    Device(ipv6_address=IPv6Address("2001:0db8:0:0::1")),
    Device(ipv4_public_address=IPv4Address("203.0.113.7")),
    Device(ipv4_public_address=IPv4Address("203.0.113.7"), ipv4_public_port=4711),
    Device(
        ipv4_public_address=IPv4Address("203.0.113.7"),
        ipv4_private_address=IPv4Address("192.0.2.25"),
    ),
]


@pytest.mark.parametrize("reported", REPORTED, ids=str)
async def test_events_are_found_by_every_identifier_their_own_body_carried(
    history: History, conninfo: str, reported: Device
) -> None:
    stranger = Device(ipv4_public_address=IPv4Address("203.0.113.7"), ipv4_public_port=1)
    await store(conninfo, [arrival(1), arrival(2, device=Device(phone_number=PHONE_NUMBER))])
    await store(conninfo, [arrival(3, phone_number="+99999991003", device=stranger)])
    found = await walk(history, Selection(reported=reported), "asc", 50)
    only_address = reported == REPORTED[2]
    assert found == (["event-1", "event-3"] if only_address else ["event-1"])
    assert await history.exists(Selection(reported=reported))
