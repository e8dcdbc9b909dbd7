"""One reader for all who listen: each event is read and written once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from receiver.api.questions.stream import fan_out as fan_outs
from receiver.api.questions.stream.blocks import write_event
from receiver.api.questions.stream.fan_out import FanOut
from receiver.api.questions.stream.listener import Listener
from receiver.errors import DatabaseAway
from receiver.events.event import Device, Status
from receiver.store.events.selection import Selection
from receiver.store.events.stored_event import StoredEvent
from receiver.store.following.lateness import Told

NOW = datetime(2026, 4, 17, 7, tzinfo=UTC)


def told(number: int, source: str = "a") -> Told:
    event = StoredEvent(
        device_id=UUID(int=1),
        stored_at=NOW,
        seq=number,
        kind="roaming",
        name="roaming-on",
        type="roaming-on",
        form="cloudevents",
        source=source,
        event_id=f"n-{number}",
        subscription_id=None,
        credential="operator",
        occurred_at=NOW,
        received_at=NOW,
        deliveries=1,
        device=Device(),
        status=Status(),
        findings=(),
    )
    return Told(event, is_late=False)


class Feed:
    """Gives what a test puts into it."""

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.steps: list[Sequence[Told]] = []
        self.begun = 0
        self.read_steps = 0
        self.is_away = False
        self.is_broken = False

    async def begin(self) -> None:
        if self.is_away:
            raise DatabaseAway("away")
        self.begun += 1
        self.at = NOW

    def leave(self) -> None:
        self.at = None

    async def read(self) -> AsyncIterator[Sequence[Told]]:
        self.read_steps += 1
        if self.is_broken:
            self.at = None
            return
        while self.steps:
            yield self.steps.pop(0)


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def fan_out(feed: Feed) -> FanOut:
    return FanOut(feed)


async def attach(fan_out: FanOut, *listeners: Listener) -> None:
    """Attaches listeners while somebody runs the fan-out."""
    for listener in listeners:
        attaching = asyncio.create_task(fan_out.attach(listener))
        await asyncio.sleep(0)
        await fan_out.run_once()
        await attaching
        listener.go_live()


def ids_of(listener: Listener) -> list[str]:
    blocks = b""
    while (chunk := listener.take()) is not None:
        blocks += chunk.blocks
    return [line for line in blocks.decode().split('"') if line.startswith("n-")]


async def test_nothing_is_asked_while_nobody_listens(fan_out: FanOut, feed: Feed) -> None:
    await fan_out.run_once()
    fan_out.note_stored()
    assert (feed.begun, feed.read_steps, fan_out.wake.is_set()) == (0, 0, False)


async def test_a_commit_wakes_the_reader_while_somebody_listens(
    fan_out: FanOut, feed: Feed
) -> None:
    listener = Listener(Selection())
    await attach(fan_out, listener)
    fan_out.wake.clear()
    fan_out.note_stored()
    assert fan_out.wake.is_set()
    fan_out.detach(listener)
    fan_out.detach(listener)
    fan_out.wake.clear()
    fan_out.note_stored()
    assert not fan_out.wake.is_set()
    await fan_out.run_once()
    assert feed.at is None


async def test_each_gets_what_passes_its_filters_and_each_event_is_written_once(
    fan_out: FanOut, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def counted(one: Told) -> bytes:
        written.append(one.event.seq)
        return write_event(one)

    monkeypatch.setattr(fan_outs, "write_event", counted)
    everything = [Listener(Selection()) for _ in range(3)]
    filtered = [Listener(Selection(sources=[source])) for source in ("a", "b", "none")]
    await attach(fan_out, *everything, *filtered)
    feed.steps = [[told(1, "a"), told(2, "b")], [told(3, "a")]]
    await fan_out.run_once()
    assert [ids_of(one) for one in everything] == 3 * [["n-1", "n-2", "n-3"]]
    assert [ids_of(one) for one in filtered] == [["n-1", "n-3"], ["n-2"], []]
    assert sorted(written) == [1, 2, 3]


async def test_a_reader_that_is_broken_ends_all_and_begins_anew_for_the_next(
    fan_out: FanOut, feed: Feed
) -> None:
    listener = Listener(Selection())
    await attach(fan_out, listener)
    feed.is_broken = True
    await fan_out.run_once()
    assert listener.end_reason == "reset"
    fan_out.detach(listener)
    feed.is_broken = False
    following = Listener(Selection())
    await attach(fan_out, following)
    assert (feed.begun, following.end_reason) == (2, None)


async def test_a_stream_does_not_begin_while_the_database_is_away(
    fan_out: FanOut, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_outs, "BEGIN_SECONDS", 0.01)
    feed.is_away = True
    with pytest.raises(DatabaseAway, match="cannot begin"):
        await fan_out.attach(Listener(Selection()))
    # Nobody listens any more.
    fan_out.wake.clear()
    fan_out.note_stored()
    assert not fan_out.wake.is_set()


async def test_a_stop_ends_all_and_those_to_come(fan_out: FanOut) -> None:
    first, second = Listener(Selection()), Listener(Selection())
    await attach(fan_out, first)
    fan_out.stop()
    assert first.end_reason == "stopping"
    await attach(fan_out, second)
    assert second.end_reason == "stopping"


async def test_what_was_stored_while_nobody_listened_is_not_told(
    fan_out: FanOut, feed: Feed
) -> None:
    first, second = Listener(Selection()), Listener(Selection())
    await attach(fan_out, first)
    fan_out.detach(first)
    await attach(fan_out, second)
    assert feed.begun == 2
