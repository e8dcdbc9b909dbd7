"""Callers of the live stream who come back after each interruption, and a sender beside them.

They read the bytes by themselves: two hundred of them must leave a core to the service.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import httpx

EVENT_ID = re.compile(rb'"eventId":"([^"]+)"')
SOURCES = 20
DEVICES = 10_000
RANDOM = Random(16)  # noqa: S311 - no secret
MEMBERS = 10

# Before a follower comes back.
PAUSE_SECONDS = 0.2

# Nobody waits any more who was told nothing new for so long: a busy machine is slow, and goes on.
QUIET_SECONDS = 30.0
LOOK_SECONDS = 0.1


@dataclass(slots=True)
class World:
    """What the callers share.

    Attributes:
        address: of the service that runs now.
        acknowledged: the sources of the events that were answered 204, by their ids.
    """

    address: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    is_over: bool = False


def source(number: int) -> str:
    return f"https://simulator.invalid/{number % SOURCES}"


async def send(world: World, token: str, per_second: int) -> None:
    """Posts batches until it is over, so many events a second, however late a batch is."""
    headers = {
        "authorization": f"Bearer {token}",
        "content-type": "application/cloudevents-batch+json",
    }
    posting: set[asyncio.Task[None]] = set()
    async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as client:
        clock = asyncio.get_running_loop().time
        due = clock()
        while not world.is_over:
            task = asyncio.create_task(_post(client, world))
            posting.add(task)
            task.add_done_callback(posting.discard)
            due += MEMBERS / per_second
            await asyncio.sleep(due - clock())
        await asyncio.gather(*posting)


async def _post(client: httpx.AsyncClient, world: World) -> None:
    batch = [
        {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": source(RANDOM.randrange(SOURCES)),
            "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-on",
            "time": "2026-04-17T07:31:01Z",
            "data": {"device": {"phoneNumber": f"+9999999{RANDOM.randrange(DEVICES):04}"}},
        }
        for _ in range(MEMBERS)
    ]
    try:
        answer = await client.post(f"{world.address}/notifications", json=batch)
    except httpx.TransportError:
        return
    if answer.status_code == 204:
        world.acknowledged |= {str(event["id"]): str(event["source"]) for event in batch}


@dataclass(slots=True)
class Follower:
    """One who listens to some sources, and hangs up now and then until the sender is done.

    Attributes:
        sources: that it listens to; empty: all.
        seen: how often each event was told, by the sender's id.
        ends: the reasons that it was told.
    """

    sources: list[str]
    seen: dict[str, int] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)
    last_event_id: str = ""

    async def follow(self, world: World, token: str, begun: asyncio.Semaphore) -> None:
        """Listens until it is cancelled.

        Args:
            begun: released once it has a place.
        """
        while True:
            with suppress(OSError):
                await self._listen(world, token, begun)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _listen(self, world: World, token: str, begun: asyncio.Semaphore) -> None:
        address = urlsplit(world.address)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        query = urlencode([("source", one) for one in self.sources])
        lines = [
            f"GET /events/stream?{query} HTTP/1.1",
            f"Host: {address.netloc}",
            f"Authorization: Bearer {token}",
            *([f"Last-Event-ID: {self.last_event_id}"] if self.last_event_id else []),
        ]
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode())
            hangs_up_at = asyncio.get_running_loop().time() + RANDOM.uniform(2, 60)
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self._note(line)
                elif line.startswith(b"id: "):
                    if not self.last_event_id:
                        begun.release()
                    self.last_event_id = line[4:].decode().strip()
                    if asyncio.get_running_loop().time() > hangs_up_at and not world.is_over:
                        return
        finally:
            writer.close()

    def _note(self, line: bytes) -> None:
        found = EVENT_ID.search(line)
        if found is None:
            self.ends.append(line.decode())
            return
        event_id = found[1].decode()
        self.seen[event_id] = self.seen.get(event_id, 0) + 1

    def missing(self, world: World) -> set[str]:
        """Returns what was acknowledged and passes its filter, and was not told."""
        return {
            event_id
            for event_id, source in world.acknowledged.items()
            if not self.sources or source in self.sources
        } - self.seen.keys()


async def wait_for_all(followers: Sequence[Follower], world: World) -> None:
    """Waits until no follower misses anything, or all were told nothing new for a while."""
    clock = asyncio.get_running_loop().time
    told, told_at = -1, clock()
    while True:
        now = sum(len(each.seen) for each in followers)
        if now != told:
            told, told_at = now, clock()
        elif clock() - told_at > QUIET_SECONDS or not any(
            each.missing(world) for each in followers
        ):
            return
        await asyncio.sleep(LOOK_SECONDS)
