"""Answers do not depend on the order of arrival, and are those of an independent replay."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from receiver.simulator.notification import Notification
from receiver.simulator.plan import Forms, Plan
from receiver.simulator.sending import send
from tests.support.replay import Replay
from tests.support.service import Installation, Service, bearer, copy, open_folder, until

UNTIL = datetime(2026, 10, 1, tzinfo=UTC)
SHORT, LONG = 400, 4000
# Every third notification is sent again, at another moment.
AGAIN = 3


@dataclass(frozen=True, slots=True)
class World:
    """What happened, and two services that were told of it in different orders.

    Attributes:
        ids: the device ids by phone number, or by the subscription that is all that is named.
    """

    replay: Replay
    services: Sequence[Service]
    token: str
    ids: dict[str, str]

    def ask(self, service: Service, path: str, **parameters: str) -> Any:
        answer = service.client.get(path, params=parameters, headers=bearer(self.token))
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SHORT, id="short"),
        pytest.param(LONG, id="long", marks=pytest.mark.long),
    ],
)
def world(seed: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """One service hears all in order, in batches; the other in disorder, and a third again."""
    plan = Plan(until=UNTIL, count=request.param, forms=Forms.ALL)
    alone = list(plan.make_notifications())
    batches = list(replace(plan, batch=5).make_notifications())
    chance = Random(plan.seed)  # noqa: S311 - a test must be repeatable, and keeps no secret
    disordered = [*alone, *chance.sample(alone, len(alone) // AGAIN)]
    chance.shuffle(disordered)
    with ExitStack() as stack:
        services = []
        for sent in (batches, disordered):
            installation = Installation(stack.enter_context(open_folder()))
            copy(seed, installation.data_dir)
            service = stack.enter_context(installation.serve())
            tell(service, installation.token("sink"), sent)
            services.append(service)
        token = installation.token("reader")
        replay = Replay((notification.body, notification.headers) for notification in alone)
        yield World(replay, services, token, find_ids(services[0], token, replay.devices))


def tell(service: Service, token: str, sent: Sequence[Notification]) -> None:
    url = f"{service.address}/notifications"
    sending = send(sent, url=url, token=token, rate=None, concurrency=16, on_answer=lambda *_: None)
    summary = asyncio.run(sending)
    assert summary.answers == {204: len(sent)}


def find_ids(service: Service, token: str, devices: Sequence[str]) -> dict[str, str]:
    ids: dict[str, str] = {}
    parameters = {"limit": "1000", "order": "asc"}
    while True:
        answer = service.client.get("/events", params=parameters, headers=bearer(token))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        for event in page["items"]:
            subject = event["device"].get("phoneNumber", event["subscriptionId"])
            assert ids.setdefault(subject, event["deviceId"]) == event["deviceId"]
        if "nextCursor" not in page:
            return {device: ids[device] for device in devices}
        parameters["cursor"] = page["nextCursor"]


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
