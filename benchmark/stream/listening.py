"""Many who listen to the live stream, in a process of their own, which looks at no event."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

from benchmark.fleet.asking import READER_TOKEN

CHUNK_BYTES = 1_048_576
EVENT = b"\ndata: "
# As many streams begin at a time as a listening socket keeps waiting everywhere.
BEGIN_AT_ONCE = 20


@dataclass(slots=True)
class Heard:
    """What all listeners were told, once they are over."""

    events: int = 0
    ended: int = 0


@contextmanager
def listening(address: str, listeners: int) -> Iterator[Heard]:
    """Listens to all events over so many connections for the length of the block."""
    heard = Heard()
    if not listeners:
        yield heard
        return
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(address, listeners, theirs))
    process.start()
    try:
        # All of them listen.
        ours.recv()
        yield heard
        ours.send(None)
        heard.events, heard.ended = ours.recv()
    finally:
        process.terminate()
        process.join()


def _run(address: str, listeners: int, parent: Connection) -> None:
    asyncio.run(_listen(address, listeners, parent))


async def _listen(address: str, listeners: int, parent: Connection) -> None:
    counts = [0] * listeners
    writers: list[asyncio.StreamWriter] = []
    turns = asyncio.Semaphore(BEGIN_AT_ONCE)

    async def begin(number: int) -> asyncio.Task[None]:
        async with turns:
            reader, writer = await _open(address)
        # A writer that nobody holds closes the connection.
        writers.append(writer)
        return asyncio.create_task(_count(reader, counts, number))

    tasks = await asyncio.gather(*map(begin, range(listeners)))
    parent.send(None)
    await asyncio.to_thread(parent.recv)
    parent.send((sum(counts), sum(task.done() for task in tasks)))


async def _open(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Opens a stream; its first block is read."""
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=CHUNK_BYTES)
    writer.write(
        f"GET /events/stream HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"Authorization: Bearer {READER_TOKEN}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.splitlines()[0]:
        raise RuntimeError(f"a stream was answered {head.splitlines()[0]!r}")
    await reader.readuntil(b"\n\n")
    return reader, writer


async def _count(reader: asyncio.StreamReader, counts: list[int], number: int) -> None:
    while read := await reader.read(CHUNK_BYTES):
        # An event that is cut within the word is rare, and not counted.
        counts[number] += read.count(EVENT)
