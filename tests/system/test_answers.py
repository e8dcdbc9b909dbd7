"""Answers do not depend on the order of arrival, and are those of an independent replay."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.replay import Replay
from tests.support.replayed_rows import (
    Row,
    make_days,
    make_device,
    make_history,
    make_intervals,
    make_sessions,
    make_subscription,
    read_report,
    read_rows,
)
from tests.support.replayed_times import (
    list_intervals,
    list_sessions,
    list_spans,
    measure,
    measure_days,
)
from tests.support.service import Service, until
from tests.support.world import UNTIL, World, open_world

SHORT, LONG = 250, 4000


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
    text = service.ask_as().get_metrics()
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
    assert until(lambda: not any(map(lag_seconds, world.services)), 120)
    test_every_status_is_that_of_the_replay_in_whatever_order_it_was_told(world)


def test_the_fleet_is_that_of_the_replay_in_whatever_order_it_was_told(world: World) -> None:
    for service in world.services:
        found = {item["deviceId"]: item for item in world.walk(service, "/devices")}
        assert world.devices.keys() <= found.keys()
        for device_id, device in world.devices.items():
            item = without(found[device_id], "deviceId", "asOf", "eventId")
            assert item == world.replay.status(device), device


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("roaming", value) for value in ("true", "false")),
        *(("country", value) for value in ("FR", "be", "262")),
        *(("connectivity", value) for value in ("CONNECTED_DATA", "CONNECTED", "NOT_CONNECTED")),
        *(("networkType", value) for value in ("5G", "UNKNOWN")),
        *(("unknown", value) for value in ("connectivity", "roaming", "network-type")),
    ],
)
def test_a_filter_of_the_fleet_passes_what_the_replay_knows(
    world: World, name: str, value: str
) -> None:
    expected = {
        device_id
        for device_id, device in world.devices.items()
        if passes(world.replay.status(device), name, value)
    }
    for service in world.services:
        found = {item["deviceId"] for item in world.walk(service, "/devices", **{name: value})}
        assert found & set(world.ids.values()) == expected


def passes(status: dict[str, Any], name: str, value: str) -> bool:
    """Whether the status of a device passes a filter of the fleet."""
    roaming = status["roaming"]
    if name == "unknown":
        return "unknown" in status[value.replace("network-type", "networkType")]
    if name == "country":
        names = [*roaming.get("countryName", []), str(roaming.get("countryCode"))]
        return value.upper() in names
    return json.dumps(status[name].get("value")).strip('"') == value


# All that happened, in one page of 31 days.
START, END = UNTIL - timedelta(days=10), UNTIL
RANGE = {"from": START.isoformat(), "to": END.isoformat()}
AXES = {"connectivity": "connectivity", "roaming": "roaming", "network-type": "networkType"}


@pytest.mark.parametrize("axis", AXES)
def test_intervals_are_those_of_the_replay_in_whatever_order_it_was_told(
    world: World, axis: str
) -> None:
    for service in world.services:
        for device, device_id in world.ids.items():
            parameters = {**RANGE, "axis": axis, "order": "asc", "limit": "1000"}
            found = world.ask(service, f"/devices/{device_id}/intervals", **parameters)
            expected = list_intervals(world.replay, device, AXES[axis], START, END)
            assert (found["items"], "nextCursor" in found) == (expected, False), device


def test_roaming_sessions_are_those_of_the_replay_in_whatever_order_it_was_told(
    world: World,
) -> None:
    sessions = 0
    for service in world.services:
        for device, device_id in world.ids.items():
            parameters = {**RANGE, "order": "asc", "limit": "1000"}
            found = world.ask(service, f"/devices/{device_id}/roaming-sessions", **parameters)
            expected = list_sessions(world.replay, device, START, END)
            assert (found["items"], "nextCursor" in found) == (expected, False), device
            sessions += len(expected)
    assert sessions > 10


def test_availability_is_that_of_the_replay_in_whatever_order_it_was_told(world: World) -> None:
    for service in world.services:
        for device, device_id in world.ids.items():
            found = world.ask(service, f"/devices/{device_id}/availability", **RANGE)
            assert found["days"] == measure_days(world.replay, device, START, END), device
            spans = list_spans(world.replay, device, "connectivity", START, END)
            assert found["total"] == measure(spans), device


# What depends on the moment of the question, is told beside the events, or only describes.
BESIDE = {
    *("asOf", "state", "uncovered", "forecast", "gaps"),
    *("credential", "subscriptionId", "registered", "terminationDescription"),
}


def test_the_ledger_is_that_of_the_replay_in_whatever_order_it_was_told(world: World) -> None:
    expected = world.replay.ledger()
    for service in world.services:
        found = {item["subscriptionId"]: item for item in world.walk(service, "/subscriptions")}
        assert expected.keys() <= found.keys()
        for subscription_id, entry in expected.items():
            item = without(found[subscription_id], *BESIDE)
            if not item["events"]["isComplete"]:
                # A list counts no more than it has the time for.
                [named] = world.ask(service, "/subscriptions", subscriptionId=subscription_id)[
                    "items"
                ]
                item = without(named, *BESIDE)
            assert set(item.pop("deviceIds")) == {world.ids[device] for device in entry.devices}
            assert item == entry.document(), subscription_id
            state = found[subscription_id]["state"]
            assert (state == "ended") == (entry.ended_at is not None)
            is_inactive = entry.ended_at is None and entry.inactive_at is not None
            assert (state == "inactive") == is_inactive


REPORTS: dict[str, Callable[[Replay, str], list[Row]]] = {
    "reporting.device": make_device,
    "reporting.connectivity_interval": partial(make_history, axis="connectivity", start=START),
    "reporting.network_type_interval": partial(make_history, axis="networkType", start=START),
    "reporting.roaming_session": partial(make_sessions, start=START),
    f"reporting.availability('{START}', '{END}')": partial(make_days, start=START, end=END),
    **{
        f"reporting.intervals('{axis}', '{START}', '{END}')": partial(
            make_intervals, axis=name, start=START, end=END
        )
        for axis, name in AXES.items()
    },
}


@pytest.mark.parametrize("report", REPORTS)
def test_reports_are_those_of_the_replay_in_whatever_order_it_was_told(
    world: World, report: str
) -> None:
    assert until(lambda: not any(map(lag_seconds, world.services)), 120)
    for installation in world.installations:
        found = read_report(installation, report)
        for device_id, device in world.devices.items():
            expected = REPORTS[report](world.replay, device)
            assert found.pop(device_id, []) == expected, device
        # What stands for another device has no rows of its own.
        assert not found.keys() & set(world.ids.values())


def test_reported_subscriptions_are_those_of_the_replay_in_whatever_order_it_was_told(
    world: World,
) -> None:
    assert until(lambda: not any(map(lag_seconds, world.services)), 120)
    for installation in world.installations:
        rows = read_rows(installation, "reporting.subscription")
        found = {row["subscription_id"]: row for row in rows}
        for subscription_id, entry in world.replay.ledger().items():
            row = found[subscription_id]
            assert set(row["device_ids"]) == {world.ids[device] for device in entry.devices}
            expected = make_subscription(entry)
            assert {name: row[name] for name in expected} == expected
