"""Pages that several callers read: each is read once, unless something may be added to it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from receiver.api.questions.stream import sharing
from receiver.api.questions.stream.sharing import SharedPages
from receiver.errors import DatabaseAway
from receiver.store.events.selection import Position, Selection
from receiver.store.following.catching_up import CatchUp, CaughtUp

NOW = datetime(2026, 4, 17, 7, 31, 17, 416474, tzinfo=UTC)
BEGIN = Position(NOW, NOW, 0)
END = Position(NOW + timedelta(seconds=1), NOW + timedelta(seconds=1), 0)


class Store:
    """Gives the same page once it may, and counts how often it was asked.

    Attributes:
        may_answer: set: it answers.
    """

    def __init__(self, *, is_last: bool = False) -> None:
        self.asked = 0
        self.is_away = False
        self.is_last = is_last
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def begin(self, stored_at: datetime) -> Position:
        return CatchUp.begin(stored_at)

    async def read_kept_from(self) -> datetime | None:
        return None

    async def read(self, selection: Selection, after: Position, *, is_settled: bool) -> CaughtUp:
        self.asked += 1
        await self.may_answer.wait()
        if self.is_away:
            raise DatabaseAway("away")
        return CaughtUp([], END, self.is_last)


async def test_a_page_is_read_once_for_all_who_ask_and_for_who_asks_later() -> None:
    store = Store()
    pages = SharedPages(store)
    found = await asyncio.gather(*(pages.read_settled(Selection(), BEGIN) for _ in range(5)))
    again = await pages.read_settled(Selection(), BEGIN)
    assert store.asked == 1
    assert {id(page) for page in [*found, again]} == {id(again)}
    await pages.read_settled(Selection(kinds=["roaming"]), BEGIN)
    await pages.read_settled(Selection(), END)
    assert store.asked == 3


async def test_the_last_page_is_read_anew() -> None:
    store = Store(is_last=True)
    pages = SharedPages(store)
    for _ in range(2):
        await pages.read_settled(Selection(), BEGIN)
    assert store.asked == 2


async def test_what_is_not_settled_is_read_for_one_once_it_has_joined() -> None:
    store = Store()
    pages = SharedPages(store)
    joined: list[int] = []

    async def join() -> None:
        joined.append(store.asked)

    for _ in range(2):
        await pages.read_last(Selection(), BEGIN, join)
    assert joined == [0, 1]
    assert store.asked == 2


async def test_a_page_is_kept_for_a_while_and_within_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for limit, value in (("KEPT_SECONDS", 0.0), ("KEPT_BYTES", 1)):
        with monkeypatch.context() as patched:
            patched.setattr(sharing, limit, value)
            store = Store()
            pages = SharedPages(store)
            for _ in range(2):
                await pages.read_settled(Selection(), BEGIN)
            assert store.asked == 2, limit


async def test_whoever_hangs_up_leaves_the_page_to_the_others() -> None:
    store = Store()
    store.may_answer.clear()
    pages = SharedPages(store)
    first, second = (asyncio.create_task(pages.read_settled(Selection(), BEGIN)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    store.may_answer.set()
    assert (await second).end == END
    assert store.asked == 1


async def test_a_page_that_could_not_be_read_is_asked_for_again() -> None:
    store = Store()
    store.is_away = True
    pages = SharedPages(store)
    with pytest.raises(DatabaseAway):
        await pages.read_settled(Selection(), BEGIN)
    store.is_away = False
    assert (await pages.read_settled(Selection(), BEGIN)).end == END


async def test_a_close_ends_what_is_being_read() -> None:
    store = Store()
    store.may_answer.clear()
    pages = SharedPages(store)
    asking = asyncio.create_task(pages.read_settled(Selection(), BEGIN))
    await asyncio.sleep(0)
    await pages.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
