"""A reader of the live stream, as a program that comes back would be one."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

PATH = "/events/stream"


@dataclass(slots=True)
class Block:
    """One block of a stream.

    Attributes:
        event: its name; `message` where it has none.
        data: its JSON; None: it has none.
        comments: its lines for nobody.
    """

    event: str = "message"
    data: Any = None
    id: str | None = None
    retry: int | None = None
    comments: list[str] = field(default_factory=list)


def read_block(text: str) -> Block:
    """Reads a block as browsers do."""
    block = Block()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "":
                block.comments.append(value)
            case "event":
                block.event = value
            case "data":
                block.data = json.loads(value)
            case "id":
                block.id = value
            case "retry":
                block.retry = int(value)
    return block


class Stream:
    """An open stream.

    Attributes:
        last_event_id: the latest id that was told.
        blocks: what has come, each once.
    """

    def __init__(self, response: httpx.Response, last_event_id: str | None) -> None:
        self.response = response
        self.last_event_id = last_event_id
        self._blocks = self._read()

    async def next(self) -> Block:
        """Returns the next block.

        Raises:
            StopAsyncIteration: the stream has ended.
        """
        return await anext(self._blocks)

    async def next_event(self) -> dict[str, Any]:
        """Returns the data of the next event."""
        while True:
            block = await self.next()
            if block.data is not None:
                assert block.event == "message", block
                event: dict[str, Any] = block.data
                return event

    async def next_events(self, number: int) -> list[dict[str, Any]]:
        """Returns the data of the next events."""
        return [await self.next_event() for _ in range(number)]

    async def until_end(self) -> str:
        """Returns why it ended."""
        while True:
            block = await self.next()
            if block.event == "end":
                reason: str = block.data["reason"]
                return reason

    async def _read(self) -> AsyncIterator[Block]:
        rest = ""
        async for text in self.response.aiter_text():
            *whole, rest = (rest + text).split("\n\n")
            for part in whole:
                block = read_block(part)
                self.last_event_id = block.id or self.last_event_id
                yield block


@asynccontextmanager
async def streaming(
    client: httpx.AsyncClient, last_event_id: str | None = None, **filters: Any
) -> AsyncIterator[Stream]:
    """Opens a stream, for the length of the block; its place is told before it begins."""
    headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
    async with client.stream("GET", PATH, params=filters, headers=headers) as response:
        if response.status_code != 200:
            await response.aread()
        yield Stream(response, last_event_id)
