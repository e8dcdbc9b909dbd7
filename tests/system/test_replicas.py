"""Two replicas of two workers behind the balancer, killed and replaced under load."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import psycopg
import pytest

from tests.support.clients import open_client
from tests.support.exposition import value
from tests.support.followers import Follower, World, wait_for_all
from tests.support.proxies import INTERNAL, find_program
from tests.support.replay import Replay
from tests.support.replica_load import PageReader, Sender, body, counting_projectors
from tests.support.replicas import (
    REPLICAS,
    WORKERS,
    Replicas,
    asked_inside,
    asked_outside,
    of_inside,
    replicas,
)
from tests.support.service import Service, status_of, until

# How often an event is stored, by its sender's id.
STORED = "SELECT event_id, count(*) FROM event GROUP BY event_id"
ACCEPTED = {"call": "notifications", "status": "204", "reason": "ok"}

# Gauges that tell of the database: a dashboard takes their maximum.
OF_DATABASE = ("receiver_quarantine_rows", "receiver_partitions_ahead")


class Load(NamedTuple):
    """How many are sent a second, how many are acknowledged between two faults, and how often.

    Attributes:
        killed: replicas that are killed, one after the other.
        kills: of each of them.
        upgrades: replicas that are replaced politely, one after the other.
    """

    per_second: int
    between: int
    killed: int
    kills: int
    upgrades: int


LOADS = [
    pytest.param(Load(60, 40, 1, 1, 1), id="short"),
    pytest.param(Load(150, 1500, REPLICAS, 3, REPLICAS), id="long", marks=pytest.mark.long),
]


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Replicas, str]]:
    find_program("haproxy")
    # Each worker answers the first attempt of a minute; no valid token is refused for them.
    with replicas(RECEIVER_ATTEMPTS_LIMIT="1") as (started, conninfo):
        yield started, conninfo


def is_ready(address: str) -> bool:
    with open_client(address) as asking:
        return asking.get("/readyz").is_success


def test_a_start_that_fails_leaves_no_service_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object, __: object, upstream: str, others: Sequence[str]) -> list[str]:
        for address in (upstream, *others):
            assert until(partial(is_ready, f"http://{address}"))
        raise OSError("no balancer")

    monkeypatch.setattr("tests.support.replicas.start_haproxy", fail)
    with pytest.raises(OSError, match="no balancer"), replicas(workers=1):
        pytest.fail("it started without a balancer")


@pytest.fixture(scope="module")
def tokens(running: tuple[Replicas, str]) -> dict[str, str]:
    return {role: running[0].create(role, role) for role in ("sink", "reader")}


@pytest.mark.parametrize("load", LOADS)
async def test_nothing_acknowledged_is_missing_whichever_replica_is_killed_or_replaced(
    running: tuple[Replicas, str], tokens: dict[str, str], load: Load
) -> None:
    cluster, conninfo = running
    world = World(cluster.address)
    sender = Sender(world, tokens["sink"], load.per_second)
    reader = PageReader(world, tokens["reader"])
    follower = Follower([], host=INTERNAL)
    begun = asyncio.Semaphore(0)
    cluster.streams = 1
    tasks = [
        asyncio.create_task(reader.run()),
        asyncio.create_task(follower.follow(world, tokens["reader"], begun)),
    ]
    await begun.acquire()
    with counting_projectors(conninfo) as projectors:
        sending = asyncio.create_task(sender.run())
        for _ in range(load.kills):
            for number in range(load.killed):
                await sender.go_on(load.between)
                await asyncio.to_thread(cluster.kill, number)
                await sender.go_on(load.between)
                await asyncio.to_thread(cluster.replace, number)
        await sender.go_on(load.between)
        upgrade = sender.sent
        # In the short form, not the one that was killed.
        for number in range(REPLICAS - load.upgrades, REPLICAS):
            assert await asyncio.to_thread(cluster.stop, number) == 0
            await asyncio.to_thread(cluster.replace, number)
            await sender.go_on(load.between)
        sender.is_over = world.is_over = True
        await sending
        await wait_for_all([follower], world)
        acknowledged = world.ids
        while not acknowledged <= reader.seen.keys() and reader.statuses[200] < 10_000:
            await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    statuses, upgrading = sender.statuses(), sender.statuses(upgrade)
    print(f"\nsent {sender.sent}: {dict(statuses)}; while replaced politely {dict(upgrading)};")  # noqa: T201
    print(f"pages {dict(reader.statuses)}; projectors {dict(projectors)}")  # noqa: T201
    # A connection that ends, or 502, is what a killed replica had in hand; 503 is what nobody took.
    assert statuses.keys() <= {204, 0, 502, 503}
    assert set(upgrading) == {204}
    assert reader.statuses.keys() <= {200, 0, 502, 503}
    assert (follower.missing(world), acknowledged - reader.seen.keys()) == (
        set(),
        set(),
    )
    assert max(projectors) == 1
    await asyncio.to_thread(_judge_database, cluster, conninfo, tokens["reader"], world)


def _judge_database(cluster: Replicas, conninfo: str, token: str, world: World) -> None:
    with psycopg.connect(conninfo) as connection:
        stored: dict[str, int] = dict(connection.execute(STORED).fetchall())
    assert world.ids <= stored.keys()
    assert set(stored.values()) == {1}
    with asked_inside(cluster.address, token) as client:
        found = [str(event.event_id) for event in client.iterate_events(limit=1000)]
        assert sorted(found) == sorted(stored)
        # What is behind the projector is read from the events themselves; here, it has come so far.
        derived = "receiver_projection_lag_seconds"
        assert until(lambda: value(scrape(cluster.services[0]), derived) == 0, 120)
        sent = [json.dumps(body(int(event_id[2:]))).encode() for event_id in stored]
        replay = Replay((one, {}) for one in sent)
        # The replay knows documents.
        with open_client(cluster.address, headers=of_inside(token)) as http:
            fleet = http.get("/devices", params={"limit": 1000}).json()["items"]
        ids = {item["deviceId"]: item for item in fleet}
        assert len(ids) == len(replay.devices)
        for device in replay.devices:
            device_id = client.retrieve_device(phone_number=device).device_id
            status = without(ids[str(device_id)], "deviceId", "asOf", "eventId")
            assert status == replay.status(device)


def without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    """A document without some members, wherever they stand."""
    return {
        name: without(each, *names) if isinstance(each, dict) else each
        for name, each in members.items()
        if name not in names
    }


def scrape(service: Service) -> str:
    return service.ask_as().get_metrics()


def test_metrics_of_replicas_add_up_and_those_of_the_database_agree(
    running: tuple[Replicas, str], tokens: dict[str, str]
) -> None:
    cluster, _ = running
    before = [
        value(scrape(one), "receiver_answers_total", ACCEPTED) or 0 for one in cluster.services
    ]
    with asked_outside(cluster.address, tokens["sink"]) as client:
        for number in range(40):
            client.post_notification(body(10**6 + number))
    texts = [scrape(one) for one in cluster.services]
    after = [value(text, "receiver_answers_total", ACCEPTED) or 0 for text in texts]
    assert sum(after) - sum(before) == 40
    assert all(late > early for early, late in zip(before, after, strict=True))
    for name in OF_DATABASE:
        assert len({value(text, name) for text in texts}) == 1, name


def test_a_session_and_a_page_go_on_at_another_replica(
    running: tuple[Replicas, str], tokens: dict[str, str]
) -> None:
    one, two = running[0].services
    form = {"data": {"token": tokens["reader"]}, "headers": {"sec-fetch-site": "same-origin"}}
    assert one.http.post("/console/sign-in", **form).status_code == 303  # type: ignore[arg-type]
    cookies = {"cookie": "; ".join(f"{k}={v}" for k, v in one.http.cookies.items())}
    assert two.http.get("/console/fleet", headers=cookies).status_code == 200
    first = one.ask_as(tokens["reader"]).list_events(limit=7)
    second = two.ask_as(tokens["reader"]).list_events(limit=7, cursor=first.next_cursor)
    assert len({event.id for page in (first, second) for event in page.items}) == 14


def test_each_worker_of_each_replica_counts_failed_attempts_by_itself(
    running: tuple[Replicas, str],
) -> None:
    cluster, _ = running
    began = time.monotonic()
    guessed = post_often(cluster.address, "a-guess", 401)
    minutes = (time.monotonic() - began) / 60
    assert REPLICAS <= guessed <= REPLICAS * WORKERS * (1 + minutes)


def test_each_worker_counts_the_rate_of_a_credential_by_itself(
    running: tuple[Replicas, str], tokens: dict[str, str]
) -> None:
    cluster, _ = running
    cluster.streams = 0
    assert cluster.stop(1) == 0
    # One in a hundred seconds.
    cluster.replace(1, RECEIVER_RATE_LIMIT="0.01")
    began = time.monotonic()
    passed = post_often(cluster.services[1].address, tokens["sink"], 204)
    hundreds = (time.monotonic() - began) / 100
    assert 1 <= passed <= WORKERS * (1 + hundreds)


def post_often(address: str, token: str, expected: int) -> int:
    """How many of thirty posts are answered so, the others with 429."""
    found = []
    for number in range(30):
        # A connection of its own, so that each worker gets some.
        with asked_outside(address, token) as client:
            event = body(2 * 10**6 + number)
            found.append(status_of(lambda: client.post_notification(event), 204))  # noqa: B023 - called at once
    assert set(found) == {expected, 429}
    return found.count(expected)
