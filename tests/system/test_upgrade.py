"""An upgrade, the way back and another upgrade, under load, between the last two revisions.

Two replicas stand behind the balancer. Of the release before, its schema is here and its code is
not: what the older replicas are is the oldest schema that this code serves. That a replica of this
release serves beside a newer schema is one of the faults of `tests/system/faults`.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from alembic import command

from receiver.store.connections.engine import migration_engine
from receiver.store.schema.revisions import (
    APPLIED,
    OLDEST_SERVED,
    is_for_last,
    known_revisions,
    revision_head,
)
from tests.support.followers import Follower, World, wait_for_all
from tests.support.proxies import INTERNAL, find_program
from tests.support.replica_load import Sender
from tests.support.replicas import REPLICAS, Replicas, replicas
from tests.support.service import bearer, notification
from tests.support.store.database import alembic_configuration, column

BEFORE = known_revisions()[-2]

# How often an event is stored and counted as delivered, by its sender's id.
STORED = "SELECT sender_event_id, count(*), max(deliveries) FROM reporting.event GROUP BY 1"
WINDOW = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-20T00:00:00Z"}
STORIES = ("--seed", "19", "--until", "2026-01-20T00:00:00Z", "--forms", "all", "--batch", "5")

# How many of its devices are asked about.
ASKED = 5


class Load(NamedTuple):
    """How many are sent a second, how many are acknowledged between two steps, and how often.

    Attributes:
        rounds: of upgrade and way back, before the last upgrade.
        replaced: replicas that are replaced after each, one after the other.
    """

    per_second: int
    between: int
    rounds: int
    replaced: int


LOADS = [
    pytest.param(Load(30, 20, 1, 1), id="short"),
    pytest.param(Load(150, 1500, 3, REPLICAS), id="long", marks=pytest.mark.long),
]


def prepare(conninfo: str) -> None:
    """Makes the database that the release before has left."""
    with migration_engine(conninfo).connect() as connection:
        command.upgrade(alembic_configuration(connection), BEFORE)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Replicas, str]]:
    find_program("haproxy")
    with replicas(prepare) as (started, conninfo):
        yield started, conninfo


@pytest.mark.parametrize("load", LOADS)
async def test_an_upgrade_and_the_way_back_under_load_lose_nothing_and_change_no_answer(
    running: tuple[Replicas, str], load: Load
) -> None:
    cluster, conninfo = running
    tokens = {role: cluster.create(f"{role}-{load.rounds}", role) for role in ("sink", "reader")}
    address = cluster.services[0].address
    cluster.run("simulate", "--to", address, "--token", tokens["sink"], *STORIES)
    world = World(cluster.address)
    sender = Sender(world, tokens["sink"], load.per_second)
    follower = Follower([], host=INTERNAL)
    begun = asyncio.Semaphore(0)
    cluster.streams = 1
    following = asyncio.create_task(follower.follow(world, tokens["reader"], begun))
    await begun.acquire()
    known = notification(f"known-{load.rounds}")
    devices = [device["deviceId"] for device in ask(cluster, 0, tokens["reader"], "/devices")]
    devices = devices[:: len(devices) // ASKED]
    delivered = deliver(cluster, known, tokens["sink"])
    expected = answers(cluster, tokens["reader"], devices)
    sending = asyncio.create_task(sender.run())

    async def migrate(*options: str, revision: str) -> None:
        """Migrates beside the load, and asks all again."""
        nonlocal delivered
        await sender.go_on(load.between)
        await asyncio.to_thread(cluster.run, "migrate", *options)
        assert column(conninfo, APPLIED) == [revision]
        delivered += await asyncio.to_thread(deliver, cluster, known, tokens["sink"])
        assert await asyncio.to_thread(answers, cluster, tokens["reader"], devices) == expected

    async def replace() -> None:
        """Replaces one replica after the other beside the load."""
        for number in range(load.replaced):
            await sender.go_on(load.between)
            assert await asyncio.to_thread(cluster.stop, number) == 0
            await asyncio.to_thread(cluster.replace, number)

    oldest = OLDEST_SERVED if is_for_last(revision_head()) else revision_head()
    for _ in range(load.rounds):
        await migrate(revision=oldest)
        await replace()
        await migrate("--finish", revision=revision_head())
        await migrate("--back", revision=oldest)
        await replace()
    await migrate("--finish", revision=revision_head())
    sender.is_over = world.is_over = True
    await sending
    await wait_for_all([follower], world)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    print(f"\nsent {sender.sent}: {dict(sender.statuses())}; redelivered {delivered}")  # noqa: T201
    assert set(sender.statuses()) == {204}
    assert follower.missing(world) == set()
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(STORED).fetchall()
    stored = {event_id: (count, deliveries) for event_id, count, deliveries in rows}
    assert len(world.ids) == sender.sent
    assert {stored.get(event_id) for event_id in world.ids} == {(1, 1)}
    assert stored[known["id"]] == (1, delivered)


def deliver(cluster: Replicas, event: Any, token: str) -> int:
    """Delivers an event to each replica; returns how often it did."""
    for service in cluster.services:
        assert service.post(event, token).status_code == 204
    return REPLICAS


def answers(cluster: Replicas, token: str, devices: list[str]) -> dict[str, Any]:
    """What both replicas answer about devices that nobody sends anything of any more."""
    questions = [
        *(f"/devices/{device}/{what}" for device in devices for what in ("events", "status")),
        *(f"/devices/{device}/roaming-sessions" for device in devices),
        *(f"/devices/{device}/intervals?axis=connectivity" for device in devices),
    ]
    one, two = (
        {question: ask(cluster, number, token, question) for question in questions}
        for number in range(REPLICAS)
    )
    assert one == two
    return one


def ask(cluster: Replicas, number: int, token: str, question: str) -> Any:
    """One answer of a replica, without the moment it is of."""
    window = WINDOW if question.endswith(("sessions", "connectivity")) else {}
    limit = {"limit": "1000"} if question.endswith(("events", "devices")) else {}
    path, _, query = question.partition("?")
    parameters = {**window, **limit, **dict(part.split("=") for part in query.split("&") if part)}
    answer = cluster.services[number].client.get(path, params=parameters, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert "nextCursor" not in document
    document.pop("asOf", None)
    return document["items"] if question == "/devices" else document
