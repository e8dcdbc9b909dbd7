"""The live stream of a service that is killed, stopped and restarted: nothing is missing."""

import asyncio
import json
import signal
import time
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from tests.support.followers import Follower, World, send, source, wait_for_all
from tests.support.service import Installation, Service, bearer, notification

MEGABYTE = 1_000_000


class Load(NamedTuple):
    """How many listen, to how much, for how long between two kills."""

    followers: int
    per_second: int
    seconds: float
    kills: int


LOADS = [
    pytest.param(Load(20, 200, 1.0, 1), id="short"),
    pytest.param(Load(200, 1000, 40.0, 2), id="long", marks=pytest.mark.long),
]


def tell(followers: list[Follower], world: World, sent: float, waited: float, peak: int) -> str:
    """Returns the figures of a run, for a reader."""
    number = world.number
    told = sum(each.told for each in followers)
    once = sum(len(each.seen) for each in followers)
    return (
        f"\n{number:,} acknowledged in {sent:.0f} s ({number / sent:,.0f} a second);"
        f" {len(followers)} followers were told {once:,} events, each {told / once:.1f} times;"
        f" all had all {waited:.0f} s later; {peak / MEGABYTE:.0f} MB at most"
    )


def memory(service: Service) -> int:
    """Returns the bytes of the process that serves."""
    held: int = service.family()[0].memory_info().rss
    return held


@pytest.mark.parametrize("load", LOADS)
async def test_each_follower_gets_all_that_was_acknowledged_whatever_is_killed(
    installation: Installation, load: Load
) -> None:
    sink, reader = installation.token("sink"), installation.token("reader")
    followers = [
        # Each listens to a tenth of all, and every twentieth one to all.
        Follower([] if number % 20 == 0 else [source(number), source(number + 7)])
        for number in range(load.followers)
    ]
    begun = asyncio.Semaphore(0)
    peak = 0
    with ExitStack() as services:
        service = services.enter_context(installation.serve())
        world = World(service.address)
        listening = [
            asyncio.create_task(follower.follow(world, reader, begun)) for follower in followers
        ]
        for _ in followers:
            await begun.acquire()
        sending, begin = asyncio.create_task(send(world, sink, load.per_second)), time.monotonic()
        for _ in range(load.kills):
            await asyncio.sleep(load.seconds)
            peak = max(peak, memory(service))
            service.process.kill()
            await asyncio.to_thread(service.wait)
            service = await asyncio.to_thread(services.enter_context, installation.serve())
            world.address = service.address
        await asyncio.sleep(load.seconds)
        world.is_over = True
        await sending
        sent = time.monotonic()
        peak = max(peak, memory(service))
        await wait_for_all(followers, world)
        print(tell(followers, world, sent - begin, time.monotonic() - sent, peak))  # noqa: T201
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    assert world.number > load.per_second * load.seconds / 2
    assert [len(each.missing(world)) for each in followers] == load.followers * [0]
    assert [len(each.strays(world)) for each in followers] == load.followers * [0]
    assert peak < 400 * MEGABYTE


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.long)])
def test_a_stop_ends_streams_with_a_word_and_waits_for_none(
    installation: Installation, workers: str
) -> None:
    sink, reader = installation.token("sink"), installation.token("reader")
    with installation.serve(RECEIVER_WORKERS=workers) as service:
        with service.http.stream(
            "GET", "/events/stream", headers=bearer(reader), timeout=60
        ) as answer:
            blocks = answer.iter_text()
            next(blocks)
            # Whichever worker stores it.
            for number in range(4):
                assert service.post(notification(f"n-{number}"), sink) == 204
            text = ""
            while not all(f'"n-{number}"' in text for number in range(4)):
                text += next(blocks)
            service.process.send_signal(signal.SIGTERM)
            text = "".join(blocks)
        assert service.wait() == 0
    assert json.loads(text.rpartition("data: ")[2])["reason"] == "stopping"
