"""Pages: each item once and in order, whatever its size, within a bound of bytes."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.api import slices
from receiver.api.answers.resource import Resource
from receiver.api.pages import PageResponse, Pages
from receiver.api.paging import PageQuestion
from receiver.errors import InvalidArgument
from receiver.settings.settings import Settings
from receiver.store.connections.keyset import Order
from tests.support.asking import PHONE, device_id, notification
from tests.support.callers import Callers

NOW = datetime(2026, 4, 17, 7, 31, 1, 416474, tzinfo=UTC)
UNBOUNDED = 10**9
PAGE_BYTES = 2500


@dataclass(frozen=True, slots=True)
class Place:
    at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    text: str = ""

    @property
    def position(self) -> Place:
        return Place(NOW + timedelta(microseconds=self.number // 2), self.number)


class ItemResource(Resource):
    number: int
    text: str
    left_out: str | None = None

    @classmethod
    def of(cls, item: Item) -> "ItemResource":
        return cls(number=item.number, text=item.text)


class Shelf:
    """Rows of a list in memory, and how often they were asked for."""

    def __init__(self, *texts: str) -> None:
        self.items = [Item(number, text) for number, text in enumerate(texts)]
        self.asked = 0

    async def page(
        self, selection: str, *, order: Order, after: Place | None, limit: int, limit_bytes: int
    ) -> tuple[Sequence[Item], Place | None]:
        self.asked += 1
        found = sorted(self.items, key=lambda item: item.number, reverse=order == "desc")
        if after is not None:
            found = found[1 + [item.position for item in found].index(after) :]
        page = found[:limit]
        return page, page[-1].position if len(found) > limit else None


async def ask(
    shelf: Shelf,
    limit_bytes: int = UNBOUNDED,
    *,
    selection: str = "all",
    **question: Any,
) -> PageResponse:
    asked = PageQuestion(**question)
    return await Pages(limit_bytes).answer(shelf, selection, asked, Place, ItemResource.of)


def body(answer: PageResponse) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(bytes(answer.body))
    return read


@given(
    texts=st.lists(st.text(max_size=30), max_size=30),
    limit=st.integers(1, 10),
    limit_bytes=st.integers(1, 400),
    order=st.sampled_from(["desc", "asc"]),
)
def test_pages_of_any_size_lose_and_repeat_nothing(
    texts: list[str], limit: int, limit_bytes: int, order: Order
) -> None:
    shelf = Shelf(*texts)
    seen: list[Item] = []
    question: dict[str, Any] = {"order": order, "limit": limit}
    while True:
        answer = asyncio.run(ask(shelf, limit_bytes, **question))
        page = body(answer)
        items = [Item(**item) for item in page["items"]]
        assert answer.items == len(items) <= limit
        assert len(answer.body) <= limit_bytes + len('{"items":[],"nextCursor":""}') + 100 or (
            len(items) == 1
        )
        seen += items
        if "nextCursor" not in page:
            break
        assert items
        question["cursor"] = page["nextCursor"]
    assert seen == (shelf.items if order == "asc" else shelf.items[::-1])


async def test_a_page_that_fits_asks_once_and_has_no_cursor() -> None:
    shelf = Shelf("a", "b")
    answer = await ask(shelf)
    assert answer.media_type == "application/json"
    assert answer.body == b'{"items":[{"number":1,"text":"b"},{"number":0,"text":"a"}]}'
    assert shelf.asked == 1
    assert (await ask(Shelf())).body == b'{"items":[]}'


async def test_a_page_counts_the_bytes_of_its_items_and_not_their_characters() -> None:
    item = '{"number":0,"text":"😀😀"}'
    for limit_bytes, expected in ((2 * len(item.encode()), 2), (2 * len(item.encode()) - 1, 1)):
        assert (await ask(Shelf("😀😀", "😀😀"), limit_bytes)).items == expected


@pytest.mark.parametrize(("selection", "order"), [("some", "desc"), ("all", "asc")])
async def test_a_cursor_belongs_to_its_filters_and_its_order(selection: str, order: Order) -> None:
    shelf = Shelf("a", "b", "c")
    cursor = body(await ask(shelf, limit=1))["nextCursor"]
    with pytest.raises(InvalidArgument, match="belongs to other filters"):
        await ask(shelf, selection=selection, limit=1, order=order, cursor=cursor)
    assert shelf.asked == 1


async def test_others_have_their_turn_while_a_long_page_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
    other = asyncio.create_task(take_turns())
    await ask(Shelf(*"x" * 100), limit=100)
    other.cancel()
    assert turns >= 100


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of the application, whose pages are small."""
    return settings.model_copy(update={"page_limit_bytes": PAGE_BYTES})


async def walk(caller: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """Returns all items of a list, page by page; fails where a page is larger than it may be."""
    seen: list[dict[str, Any]] = []
    question: dict[str, Any] = {"limit": 1000, "order": "asc"}
    while True:
        if path == "/events/retrieve":
            answer = await caller.post(path, json={"device": PHONE, **question})
        else:
            answer = await caller.get(path, params=question)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(answer.content) <= PAGE_BYTES + 200 or len(page["items"]) == 1
        seen += page["items"]
        if "nextCursor" not in page:
            return seen
        question["cursor"] = page["nextCursor"]


async def test_every_list_has_each_item_once_within_the_bound(callers: Callers) -> None:
    names = []
    for number in range(20):
        event = notification(number, PHONE, source="//o/" + "😀" * (number % 4 * 600))
        names.append(event["id"])
        assert (await callers.post(event)).status_code == 204
    device = await device_id(callers, PHONE)
    for path in ("/events", f"/devices/{device}/events", "/events/retrieve"):
        assert [item["eventId"] for item in await walk(callers.reader, path)] == names


async def test_the_quarantine_has_each_entry_once_within_the_bound(callers: Callers) -> None:
    for number in range(20):
        answer = await callers.sink.post(
            "/notifications",
            content=b"x" * (number + 1),
            headers={"content-type": "a/" + "b" * (number % 4 * 60)},
        )
        assert answer.status_code == 415
    sizes = [item["sizeBytes"] for item in await walk(callers.admin, "/quarantine")]
    assert sizes == list(range(1, 21))
