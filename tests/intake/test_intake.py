"""Members become durable arrivals, or are refused, each whatever becomes of the others."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest

from receiver.errors import (
    ContentRejected,
    NotificationRefused,
    PermissionDenied,
    QueueFull,
    Unavailable,
)
from receiver.events.event import Arrival
from receiver.intake.intake import GROUP_SIZE, Delivery, Intake, Sender, named_refusal
from receiver.intake.modes import structured
from receiver.intake.writer import Writer
from tests.support.bodies import cloudevent

NOW = datetime(2026, 3, 4, tzinfo=UTC)
NAMESPACE = UUID("7d4a6b1c-90f2-4c3e-8a75-0d2f1e6b9c48")
SENDER = Sender("operator")
REFUSED = NotificationRefused("bad")
BAD = b"{"

Commit = Callable[[Sequence[Arrival]], "asyncio.Future[None]"]


class Store:
    """Commits everything but what a test forbids."""

    def __init__(self) -> None:
        self.batches: list[list[str | None]] = []
        self.error: Exception | None = None

    async def commit(self, batch: Sequence[Arrival]) -> None:
        if self.error is not None:
            raise self.error
        self.batches.append([arrival.event.event_id for arrival in batch])


@asynccontextmanager
async def intake_of(store: Store, *, queue_limit: int = 1000) -> AsyncIterator[Intake]:
    writer = Writer(
        store.commit,
        queue_limit=queue_limit,
        queue_limit_bytes=1_000_000,
        batch_limit=500,
        deadline_seconds=5,
    )
    async with writer:
        yield Intake(writer, lambda: NAMESPACE)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def intake(store: Store) -> AsyncIterator[Intake]:
    async with intake_of(store) as intake:
        yield intake


def body(number: int) -> bytes:
    return cloudevent("roaming-on", id=str(number))


def delivery(body: bytes, *, may_send: bool = True) -> Delivery:
    sender = SENDER if may_send else Sender("operator", lambda *_: False)
    return Delivery(structured(body), sender, NOW, f"{0:032x}")


async def test_every_member_that_can_be_understood_is_stored(intake: Intake, store: Store) -> None:
    members = [structured(sent) for sent in (body(1), BAD, body(2))]
    first, second, third = await intake.store(members, SENDER, NOW)
    assert (first, third) == (None, None)
    assert isinstance(second, NotificationRefused)
    assert store.batches == [["1", "2"]]


async def test_a_submission_is_a_future_or_the_refusal_itself(intake: Intake) -> None:
    stored, refused, forbidden = intake.submit(
        [delivery(body(1)), delivery(BAD), delivery(body(2), may_send=False)]
    )
    assert isinstance(refused, NotificationRefused)
    assert isinstance(forbidden, PermissionDenied)
    assert await intake.settle([stored, refused, forbidden]) == [None, refused, forbidden]


async def test_a_group_keeps_its_order_beyond_its_size(intake: Intake) -> None:
    number = 2 * GROUP_SIZE + 3
    arrivals = intake.arrivals([delivery(body(index)) for index in range(number)])
    ids = [arrival.event.event_id for arrival in arrivals if isinstance(arrival, Arrival)]
    assert ids == [str(index) for index in range(number)]


async def test_content_that_postgres_rejects_is_the_members_refusal(
    intake: Intake, store: Store
) -> None:
    store.error = ContentRejected("SQLSTATE 22P05")
    [outcome] = await intake.store([structured(body(1))], SENDER, NOW)
    assert isinstance(outcome, NotificationRefused)


async def test_a_member_that_is_not_known_to_be_stored_makes_the_request_unavailable(
    intake: Intake, store: Store
) -> None:
    store.error = Unavailable("away")
    with pytest.raises(Unavailable):
        await intake.store([structured(BAD), structured(body(1))], SENDER, NOW)


async def test_a_request_without_room_for_all_of_it_stores_none(store: Store) -> None:
    async with intake_of(store, queue_limit=2) as intake:
        assert intake.has_room(2)
        held = [intake.submit([delivery(body(1))])]
        with pytest.raises(QueueFull):
            await intake.store([structured(body(2)), structured(body(3))], SENDER, NOW)
        await intake.settle(held[0])
    assert store.batches == [["1"]]


async def test_the_commit_of_a_batch_begins_before_the_next_batch_is_read(
    intake: Intake, store: Store
) -> None:
    read: list[str] = []

    async def send(name: str) -> None:
        async with intake.turn():
            read.append(f"{name} read, {len(store.batches)} committed")
            (submitted,) = intake.submit([delivery(cloudevent("roaming-on", id=name))])
        await intake.settle([submitted])

    await asyncio.gather(send("first"), send("second"))
    assert read == ["first read, 0 committed", "second read, 1 committed"]


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ([], None),
        ([1], "members 1 of the batch were refused: [1] bad"),
        ([0, 1, 2, 4], "members 0-2, 4 of the batch were refused: [0] bad; [1] bad; [2] bad; [4] "),
    ],
)
def test_the_refusal_of_a_batch_names_its_members(refused: list[int], said: str | None) -> None:
    outcomes = [REFUSED if index in refused else None for index in range(5)]
    error = named_refusal(outcomes, is_batch=True)
    if said is None:
        assert error is None
    else:
        assert str(error).startswith(said)


def test_the_refusal_of_a_single_notification_is_its_own() -> None:
    assert named_refusal([REFUSED], is_batch=False) is REFUSED
