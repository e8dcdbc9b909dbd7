"""Answers do not depend on the order of arrival, and are those of an independent replay."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.service import Service, until
from tests.support.world import World, open_world

SHORT, LONG = 400, 4000


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SHORT, id="short"),
        pytest.param(LONG, id="long", marks=pytest.mark.long),
    ],
)
def world(seed: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with open_world(seed, request.param) as opened:
        yield opened


def lag_seconds(service: Service) -> float:
    text = service.client.get("/metrics").text
    [line] = [one for one in text.splitlines() if one.startswith("receiver_projection_lag_")]
    return float(line.split()[1])


def without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    """A document without some members, wherever they stand."""
    return {
        name: without(value, *names) if isinstance(value, dict) else value
        for name, value in members.items()
        if name not in names
    }


def test_every_status_is_that_of_the_replay_in_whatever_order_it_was_told(world: World) -> None:
    for service in world.services:
        for device, device_id in world.ids.items():
            found = world.ask(service, f"/devices/{device_id}/status")
            assert found["deviceId"] == device_id
            found = without(found, "deviceId", "asOf", "eventId")
            assert found == world.replay.status(device), device


def test_the_same_event_decides_whatever_the_order(world: World) -> None:
    """Also of events of one moment, of which what they say decides and never their arrival."""
    for device_id in world.ids.values():
        deciding = [list(name_deciding(world, service, device_id)) for service in world.services]
        assert deciding[0] == deciding[1]


def name_deciding(world: World, service: Service, device_id: str) -> Iterator[tuple[Any, ...]]:
    """The sender's id, the type and the time of the event that decides on each axis."""
    found = world.ask(service, f"/devices/{device_id}/status")
    for axis in ("connectivity", "roaming", "networkType"):
        answer = found[axis].get("last", found[axis])
        if "eventId" in answer:
            event = world.ask(service, f"/events/{answer['eventId']}")
            members = ("eventId", "type", "occurredAt", "subscriptionId", "payload")
            yield tuple(event.get(member) for member in members)


def test_a_status_stays_the_same_once_it_is_derived(world: World) -> None:
    # After a step that took long on a busy machine, the projection rests for four times as long.
    assert until(lambda: not any(map(lag_seconds, world.services)), 120)
    test_every_status_is_that_of_the_replay_in_whatever_order_it_was_told(world)
