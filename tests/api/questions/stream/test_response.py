"""The answer that goes on: what it sends, and when it ends."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.types import Message, Scope

from receiver.api.answers.streamed import IS_HEAD
from receiver.api.questions.stream import response as responses
from receiver.api.questions.stream.listener import Chunk, Listener
from receiver.api.questions.stream.response import StreamResponse
from receiver.store.events.selection import Selection
from tests.support.streaming import Block, read_block

NOW = datetime(2026, 4, 17, 7, tzinfo=UTC)


class Caller:
    """Calls a response as a server does.

    Attributes:
        open: how many streams are counted as open.
        ends: the reasons that were counted.
        closed: with what it was closed.
    """

    def __init__(self, listener: Listener, *, scope: Scope | None = None, **options: Any) -> None:
        self.listener = listener
        self.open = 0
        self.sent_events = 0
        self.ends: list[str] = []
        self.closed: list[tuple[str, int]] = []
        self.is_admitted = True
        self.hung_up = asyncio.Event()
        self.body = b""
        self.headers: dict[bytes, bytes] = {}
        self._news = asyncio.Event()
        response = StreamResponse(
            listener,
            find_place=lambda: NOW,
            is_admitted=self._admit,
            noting=self,
            close=lambda reason, events: self.closed.append((reason, events)),
            **options,
        )
        self.answering = asyncio.create_task(
            response(scope or {"type": "http"}, self._receive, self._send)
        )

    def note_open(self, number: int) -> None:
        self.open += number

    def count_sent(self, events: int) -> None:
        self.sent_events += events

    def count_end(self, reason: str) -> None:
        self.ends.append(reason)

    async def until(self, holds: Callable[[list[Block]], bool]) -> list[Block]:
        """Returns the blocks once they are as expected."""
        while not holds(self.blocks):
            self._news.clear()
            await self._news.wait()
        return self.blocks

    @property
    def blocks(self) -> list[Block]:
        return [read_block(text) for text in self.body.decode().split("\n\n") if text]

    async def _admit(self) -> bool:
        return self.is_admitted

    async def _receive(self) -> Message:
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.headers = dict(message["headers"])
        else:
            self.body += message["body"]
        self._news.set()


def live() -> Listener:
    listener = Listener(Selection())
    listener.go_live()
    return listener


async def test_what_is_put_is_sent_and_counted() -> None:
    caller = Caller(live())
    await caller.until(lambda blocks: len(blocks) == 2)
    assert caller.open == 1
    caller.listener.put(Chunk(b"id: a\ndata: 1\n\nid: b\ndata: 2\n\n", 2))
    blocks = await caller.until(lambda blocks: len(blocks) == 4)
    assert [(block.id, block.data) for block in blocks[2:]] == [("a", 1), ("b", 2)]
    caller.listener.end("stopping")
    await caller.answering
    assert caller.blocks[-1].data["reason"] == "stopping"
    assert (caller.open, caller.sent_events, caller.ends) == (0, 2, ["stopping"])
    assert caller.closed == [("stopping", 2)]


async def test_a_caller_that_hangs_up_ends_it_at_once() -> None:
    caller = Caller(live())
    caller.hung_up.set()
    await caller.answering
    assert (caller.open, caller.ends, caller.closed) == (0, ["gone"], [("gone", 0)])


async def test_a_heartbeat_tells_the_place_of_whoever_has_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(responses, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(responses, "CHECK_SECONDS", 0.01)
    caller = Caller(live())
    *_, beat = await caller.until(lambda blocks: any(block.comments for block in blocks))
    assert (beat.comments, beat.id is not None) == (["heartbeat"], True)
    caller.hung_up.set()
    await caller.answering


async def test_a_heartbeat_of_whoever_catches_up_tells_no_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(responses, "HEARTBEAT_SECONDS", 0.01)
    caller = Caller(Listener(Selection()))
    *_, beat = await caller.until(lambda blocks: any(block.comments for block in blocks))
    assert (beat.comments, beat.id) == (["heartbeat"], None)
    caller.hung_up.set()
    await caller.answering


async def test_a_token_that_is_valid_no_more_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "CHECK_SECONDS", 0.01)
    caller = Caller(live())
    await caller.until(lambda blocks: len(blocks) == 2)
    caller.is_admitted = False
    await caller.answering
    assert caller.blocks[-1].data["reason"] == "unauthenticated"
    assert caller.ends == ["unauthenticated"]


async def test_a_fault_while_catching_up_is_raised_and_all_is_closed() -> None:
    listener = Listener(Selection())

    async def catch_up() -> None:
        listener.end("unavailable")
        raise ValueError("a fault")

    caller = Caller(listener, catching_up=catch_up())
    with pytest.raises(ValueError, match="a fault"):
        await caller.answering
    assert (caller.open, caller.closed) == (0, [("unavailable", 0)])


async def test_head_gets_the_headers_alone() -> None:
    caller = Caller(live(), scope={"type": "http", IS_HEAD: True})
    await caller.answering
    assert caller.headers[b"content-type"].startswith(b"text/event-stream")
    assert caller.headers[b"x-accel-buffering"] == b"no"
    assert caller.closed == [("gone", 0)]
