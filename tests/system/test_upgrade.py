"""An upgrade, the way back and another, under load, from the schema of the release before.

Two replicas stand behind the balancer. Of the release before, its schema is here and its code is
not: what the older replicas are is the oldest schema that this code serves. That a replica of this
release serves beside a newer schema is one of the faults of `tests/system/faults`.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest
from alembic import command

from receiver.client import Client
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
from tests.support.service import notification
from tests.support.store.database import alembic_configuration, column

# The release before has left either what waits for `--finish`, or what lacks the newest revision.
BEFORE = OLDEST_SERVED if is_for_last(revision_head()) else known_revisions()[-2]

# How often an event is stored and counted as delivered, by its sender's id.
STORED = "SELECT sender_event_id, count(*), max(deliveries) FROM reporting.event GROUP BY 1"
NEVER = datetime.min.replace(tzinfo=UTC)
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC)
STORIES = (
    *("--seed", "19", "--count", "300", "--until", END.isoformat()),
    *("--forms", "all", "--batch", "5"),
)

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
    # How many workers a replica has makes no difference to its database.
    with replicas(prepare, workers=1) as (started, conninfo):
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
    fleet = cluster.services[0].ask_as(tokens["reader"]).iterate_devices()
    devices = [device.device_id for device in fleet]
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

    async def replace_replicas() -> None:
        """Replaces one replica after the other beside the load."""
        for number in range(load.replaced):
            await sender.go_on(load.between)
            assert await asyncio.to_thread(cluster.stop, number) == 0
            await asyncio.to_thread(cluster.replace, number)

    oldest = OLDEST_SERVED if is_for_last(revision_head()) else revision_head()
    for _ in range(load.rounds):
        await migrate(revision=oldest)
        await replace_replicas()
        await migrate("--finish", revision=revision_head())
        await migrate("--back", revision=oldest)
        await replace_replicas()
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
        assert service.post(event, token) == 204
    return REPLICAS


def answers(cluster: Replicas, token: str, devices: Sequence[UUID]) -> list[object]:
    """What both replicas answer about devices that nobody sends anything of any more."""
    one, two = (
        [answer for device in devices for answer in tell(service.ask_as(token), device)]
        for service in cluster.services
    )
    assert one == two
    return one


def tell(client: Client, device: UUID) -> Iterator[object]:
    """What a replica answers about a device, without the moment it is of."""
    yield list(client.iterate_device_events(device, limit=1000))
    yield replace(client.get_status(device), as_of=NEVER)
    yield list(client.iterate_roaming_sessions(device, from_=BEGIN, to=END))
    yield list(client.iterate_intervals(device, axis="connectivity", from_=BEGIN, to=END))
