"""Callers of the live stream who come back after each interruption, and a sender beside them.

They read the bytes by themselves: two hundred of them must leave a core to the service.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import aiohttp

EVENT_ID = re.compile(rb'"eventId":"([^"]+)"')
ID = b"\nid: "
END = b"event: end"
CHUNK_BYTES = 1_048_576
SOURCES = 20
DEVICES = 10_000
RANDOM = Random(16)  # noqa: S311 - no secret
MEMBERS = 10

# Before a follower comes back, and before the sender sends again what was not answered.
PAUSE_SECONDS = 0.2
SEND_AGAIN_SECONDS = 0.5

# Nobody waits any more who was told nothing new for so long: a busy machine is slow, and goes on.
QUIET_SECONDS = 30.0
LOOK_SECONDS = 0.1

# Of one answer, and of all tries to send one batch.
ANSWER_SECONDS = 30.0
GIVE_UP_SECONDS = 60.0


@dataclass(slots=True)
class World:
    """What the callers share.

    Attributes:
        address: of the service that runs now.
        acknowledged: the ids of the events that were answered 204, by their sources.
    """

    address: str
    acknowledged: dict[str, set[bytes]] = field(
        default_factory=lambda: {source(number): set() for number in range(SOURCES)}
    )
    is_over: bool = False

    @property
    def number(self) -> int:
        """How many events were answered 204."""
        return sum(map(len, self.acknowledged.values()))

    @property
    def ids(self) -> set[str]:
        """The ids of all events that were answered 204."""
        return {each.decode() for ids in self.acknowledged.values() for each in ids}


def source(number: int) -> str:
    return f"https://simulator.invalid/{number % SOURCES}"


async def send(world: World, token: str, per_second: int) -> None:
    """Posts batches until it is over, so many events a second, however late a batch is."""
    headers = {
        "authorization": f"Bearer {token}",
        "content-type": "application/cloudevents-batch+json",
    }
    posting: set[asyncio.Task[None]] = set()
    timeout = aiohttp.ClientTimeout(sock_connect=ANSWER_SECONDS, sock_read=ANSWER_SECONDS)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as client:
        clock = asyncio.get_running_loop().time
        due = clock()
        while not world.is_over:
            task = asyncio.create_task(_post(client, world))
            posting.add(task)
            task.add_done_callback(posting.discard)
            due += MEMBERS / per_second
            await asyncio.sleep(due - clock())
        await asyncio.gather(*posting)


async def _post(client: aiohttp.ClientSession, world: World) -> None:
    """Posts a batch until it is answered 204, as senders do, or it is given up."""
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
    body = json.dumps(batch).encode()
    try:
        async with asyncio.timeout(GIVE_UP_SECONDS):
            while not await _is_taken(client, world, body):
                await asyncio.sleep(SEND_AGAIN_SECONDS)
    except TimeoutError:
        return
    for event in batch:
        world.acknowledged[str(event["source"])].add(str(event["id"]).encode())


async def _is_taken(client: aiohttp.ClientSession, world: World, body: bytes) -> bool:
    try:
        async with client.post(f"{world.address}/notifications", data=body) as answer:
            return answer.status == 204
    except (aiohttp.ClientError, TimeoutError):
        return False


@dataclass(slots=True)
class Follower:
    """One who listens to some sources, and hangs up now and then until the sender is done.

    Attributes:
        sources: that it listens to; empty: all.
        seen: the sender's ids of the events that were told.
        told: how often any event was.
        ends: how often it was told an end.
        host: that it names to a proxy; empty: there is none.
    """

    sources: list[str]
    seen: set[bytes] = field(default_factory=set)
    told: int = 0
    ends: int = 0
    last_event_id: str = ""
    host: str = ""

    async def follow(self, world: World, token: str, begun: asyncio.Semaphore) -> None:
        """Listens until it is cancelled.

        Args:
            begun: released once it has a place.
        """
        while True:
            with suppress(OSError, EOFError):
                await self._listen(world, token, begun)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _listen(self, world: World, token: str, begun: asyncio.Semaphore) -> None:
        address = urlsplit(world.address)
        reader, writer = await asyncio.open_connection(
            address.hostname, address.port, limit=CHUNK_BYTES
        )
        query = urlencode([("source", one) for one in self.sources])
        lines = [
            f"GET /events/stream?{query} HTTP/1.1",
            f"Host: {self.host or address.netloc}",
            f"Authorization: Bearer {token}",
            *([f"Last-Event-ID: {self.last_event_id}"] if self.last_event_id else []),
        ]
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode())
            hangs_up_at = asyncio.get_running_loop().time() + RANDOM.uniform(2, 60)
            rest = b""
            async for read in _unwrap(reader) if self.host else _read(reader):
                blocks, _, rest = (rest + read).rpartition(b"\n\n")
                is_first = not self.last_event_id
                if not self._note(blocks):
                    continue
                if is_first:
                    begun.release()
                if asyncio.get_running_loop().time() > hangs_up_at and not world.is_over:
                    return
        finally:
            writer.close()

    def _note(self, blocks: bytes) -> bool:
        """Notes whole blocks; returns whether one of them has an id."""
        told = EVENT_ID.findall(blocks)
        self.seen.update(told)
        self.told += len(told)
        self.ends += blocks.count(END)
        begin = blocks.rfind(ID)
        if begin < 0:
            return False
        self.last_event_id = blocks[begin + len(ID) :].split(maxsplit=1)[0].decode()
        return True

    def missing(self, world: World) -> set[bytes]:
        """Returns what was acknowledged and passes its filter, and was not told."""
        return {
            event_id
            for source, acknowledged in world.acknowledged.items()
            if not self.sources or source in self.sources
            for event_id in acknowledged - self.seen
        }

    def strays(self, world: World) -> set[bytes]:
        """Returns what it was told that does not pass its filter."""
        return {
            event_id
            for source, acknowledged in world.acknowledged.items()
            if self.sources and source not in self.sources
            for event_id in acknowledged & self.seen
        }


async def _read(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The bytes of an answer of the service, whose chunks hold whole blocks, wrapping included."""
    while read := await reader.read(CHUNK_BYTES):
        yield read


async def _unwrap(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The chunks of an answer, which a proxy cuts where it likes; none of a refusal."""
    is_chunked = False
    while (head := await reader.readline()).strip():
        is_chunked |= b"chunked" in head
    while is_chunked and (size := int(await reader.readline() or b"0", 16)):
        yield (await reader.readexactly(size + 2))[:-2]


async def wait_for_all(followers: Sequence[Follower], world: World) -> None:
    """Waits until no follower misses anything, or all were told nothing new for a while."""
    clock = asyncio.get_running_loop().time
    told, told_at = -1, clock()
    waiting = list(followers)
    while waiting and clock() - told_at <= QUIET_SECONDS:
        now = sum(len(each.seen) for each in followers)
        if now != told:
            told, told_at = now, clock()
        # Whoever has all misses nothing later: nothing more is acknowledged.
        while waiting and not waiting[-1].missing(world):
            waiting.pop()
        await asyncio.sleep(LOOK_SECONDS)
