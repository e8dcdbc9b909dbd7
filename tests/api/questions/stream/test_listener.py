"""The queue between the feed and a connection: bounded, in order, ended once."""

import asyncio
from collections.abc import Callable

import pytest

from receiver.api.questions.stream import listener as listening
from receiver.api.questions.stream.listener import Chunk, Listener
from receiver.store.events.selection import Selection


def chunk(word: str) -> Chunk:
    return Chunk(word.encode(), 1)


def listener(limit_bytes: int = 10) -> Listener:
    return Listener(Selection(), limit_bytes)


def take_all(listener: Listener) -> list[str]:
    taken = []
    while (chunk := listener.take()) is not None:
        taken.append(chunk.blocks.decode())
    return taken


async def test_what_is_put_is_taken_in_order() -> None:
    live = listener()
    live.go_live()
    for word in ("a", "b"):
        live.put(chunk(word))
    assert not live.has_all
    assert take_all(live) == ["ab"]
    assert live.has_all


async def test_what_waits_is_taken_in_one_piece_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "SEND_BYTES", 4)
    live = listener(limit_bytes=100)
    live.go_live()
    for word in ("aa", "bb", "c", "dddddd", "e"):
        live.put(chunk(word))
    taken = [live.take() for _ in range(4)]
    assert taken == [Chunk(b"aabb", 2), Chunk(b"c", 1), Chunk(b"dddddd", 1), Chunk(b"e", 1)]


async def test_more_than_the_limit_ends_the_stream_and_is_forgotten() -> None:
    live = listener(limit_bytes=3)
    live.put(chunk("aa"))
    live.put(chunk("bb"))
    assert (live.end_reason, take_all(live)) == ("lagged", [])
    live.put(chunk("c"))
    assert take_all(live) == []


async def test_one_chunk_may_be_larger_and_what_was_taken_counts_no_more() -> None:
    live = listener(limit_bytes=3)
    for word in ("aaaaa", "bbb"):
        live.put(chunk(word))
        assert take_all(live) == [word]
    assert live.end_reason is None


async def test_what_the_feed_brings_comes_behind_the_pages() -> None:
    late = listener()
    late.hold()
    late.put(chunk("live"))
    assert await late.put_page(chunk("page"))
    assert take_all(late) == ["page"]
    assert not late.has_all
    late.go_live()
    late.put(chunk("more"))
    assert take_all(late) == ["livemore"]


async def test_what_waits_behind_pages_is_bounded_and_pages_are_not_counted() -> None:
    late = listener(limit_bytes=3)
    late.hold()
    assert await late.put_page(chunk("a long page"))
    late.put(chunk("aa"))
    assert late.end_reason is None
    late.put(chunk("bb"))
    assert late.end_reason == "lagged"


async def test_a_page_waits_until_the_one_before_is_taken() -> None:
    late = listener()
    await late.put_page(chunk("a"))
    waiting = asyncio.create_task(late.put_page(chunk("b")))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert take_all(late) == ["a"]
    assert await waiting
    assert take_all(late) == ["b"]


async def test_a_page_that_waits_learns_of_the_end() -> None:
    late = listener()
    await late.put_page(chunk("a"))
    waiting = asyncio.create_task(late.put_page(chunk("b")))
    await asyncio.sleep(0)
    late.end("stopping")
    assert not await waiting


async def test_the_first_reason_of_an_end_stays() -> None:
    ended = listener()
    ended.end("stopping")
    ended.end("gone")
    assert ended.end_reason == "stopping"


async def test_whoever_waits_is_woken_by_news_and_by_the_end() -> None:
    live = listener()
    acts: list[Callable[[], None]] = [
        lambda: live.put(chunk("a")),
        lambda: live.end("stopping"),
    ]
    for act in acts:
        waiting = asyncio.create_task(live.wait(60))
        await asyncio.sleep(0)
        act()
        await waiting
        take_all(live)


async def test_what_is_dropped_counts_no_more() -> None:
    late = listener(limit_bytes=3)
    late.hold()
    late.put(chunk("aa"))
    late.drop_held()
    late.hold()
    late.put(chunk("bb"))
    late.go_live()
    assert (late.end_reason, take_all(late)) == (None, ["bb"])
