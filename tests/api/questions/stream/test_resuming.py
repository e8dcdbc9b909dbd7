"""Catching up: pages first, then what the feed brought meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from receiver.api.questions.stream.fan_out import FanOut
from receiver.api.questions.stream.listener import Chunk, Listener
from receiver.api.questions.stream.resuming import Resumption
from receiver.api.questions.stream.sharing import SharedPages
from receiver.errors import DatabaseAway
from receiver.store.events.selection import Position, Selection
from receiver.store.following.catching_up import CatchUp, CaughtUp
from tests.support.streaming import Block, read_block

NOW = datetime(2026, 4, 17, 7, tzinfo=UTC)


class Pages:
    """Gives pages without events, and notes of each whether it was to be settled."""

    def __init__(self, *pages: Any, kept_from: datetime | None = None) -> None:
        self.pages = list(pages)
        self.asked: list[tuple[Position, bool]] = []
        self.kept_from = kept_from

    def begin(self, stored_at: datetime) -> Position:
        return CatchUp.begin(stored_at)

    async def read_kept_from(self) -> datetime | None:
        return self.kept_from

    async def read(self, selection: Selection, after: Position, *, is_settled: bool) -> CaughtUp:
        self.asked.append((after, is_settled))
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return CaughtUp([], *page)


class Attached(FanOut):
    """Brings one chunk as soon as somebody is attached."""

    def __init__(self) -> None:
        pass

    async def attach(self, listener: Listener) -> None:
        listener.put(Chunk(b"data: 1\n\n", 1))

    def detach(self, listener: Listener) -> None:
        pass


def at(seconds: int) -> Position:
    time = NOW + timedelta(seconds=seconds)
    return Position(time, time, 0)


async def resume(pages: Pages) -> tuple[Listener, list[Block]]:
    """Returns the listener, and all that it was sent."""
    listener = Listener(Selection())
    resuming = asyncio.create_task(Resumption(Attached(), SharedPages(pages)).resume(listener, NOW))
    text = ""
    while True:
        chunk = listener.take()
        if chunk is not None:
            text += chunk.blocks.decode()
        elif resuming.done():
            break
        else:
            await asyncio.sleep(0)
    await resuming
    return listener, [read_block(block) for block in text.split("\n\n") if block]


async def test_settled_pages_then_the_last_one_then_the_feed() -> None:
    pages = Pages((at(1), False), (at(2), True), (at(3), True))
    listener, blocks = await resume(pages)
    assert pages.asked == [(at(-30), True), (at(1), True), (at(2), False)]
    # The places of settled pages, and what the feed brought.
    assert [block.data for block in blocks if block.id is None] == [1]
    assert len([block for block in blocks if block.id is not None]) == 2
    assert listener.end_reason is None
    assert listener.has_all


async def test_where_one_page_is_not_the_last_settled_pages_go_on_from_where_they_ended() -> None:
    pages = Pages((at(1), True), (at(2), False), (at(3), True), (at(4), True))
    listener, blocks = await resume(pages)
    assert pages.asked == [(at(-30), True), (at(1), False), (at(1), True), (at(3), False)]
    # What the feed brought before comes with the pages.
    assert [block.data for block in blocks if block.id is None] == [1]
    assert listener.has_all


async def test_what_retention_dropped_is_told_first() -> None:
    kept_from = NOW + timedelta(days=1)
    _, [gap, *_] = await resume(Pages((at(1), True), (at(1), True), kept_from=kept_from))
    assert (gap.event, gap.data) == ("gap", {"keptFrom": "2026-04-18T07:00:00.000000Z"})


async def test_nothing_is_missing_where_the_place_is_kept() -> None:
    _, blocks = await resume(Pages((at(1), True), (at(1), True), kept_from=NOW))
    assert [block.event for block in blocks] == ["message", "message"]


async def test_a_database_that_is_away_ends_it() -> None:
    listener, _ = await resume(Pages(DatabaseAway("away")))
    assert listener.end_reason == "unavailable"


async def test_a_fault_ends_it_and_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await resume(Pages(ZeroDivisionError()))


async def test_whoever_has_ended_reads_no_further() -> None:
    listener = Listener(Selection())
    listener.end("stopping")
    pages = Pages((at(1), False))
    await Resumption(Attached(), SharedPages(pages)).resume(listener, NOW)
    assert len(pages.asked) == 1
