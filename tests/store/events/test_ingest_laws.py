"""The laws of the writer over the real insert: everyone is answered, once and truly."""

import asyncio
from collections import Counter
from typing import Any

import psycopg
import pytest

from receiver.errors import ContentRejected, Unavailable
from receiver.events.event import Status
from receiver.intake.writer import Writer
from receiver.store.events.ingest import Form, Ingest
from tests.support.arrivals import arrival
from tests.support.store.forms import FORMS
from tests.support.store.read_only import read_only
from tests.support.tables import change

STORED = "SELECT event_id, deliveries FROM event JOIN event_identity USING (device_id, digest)"
TERMINATE = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> Form:
    """Each form that the database takes."""
    one: Form = request.param
    return one


def ingest(conninfo: str, form: Form | None) -> Ingest:
    return Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=3, form=form)


def writer(store: Ingest, **changed: Any) -> Writer:
    limits: dict[str, Any] = {
        "queue_limit": 10_000,
        "queue_limit_bytes": 10**9,
        "batch_limit": 100,
        "deadline_seconds": 10,
        **changed,
    }
    return Writer(store.commit, **limits)


def stored(conninfo: str) -> dict[str, int]:
    with psycopg.connect(conninfo) as connection:
        return dict(connection.execute(STORED).fetchall())


async def test_everyone_is_answered_exactly_once_and_each_204_is_in_the_database(
    conninfo: str,
    form: Form,
) -> None:
    store = ingest(conninfo, form)
    answers: Counter[int] = Counter()

    async def deliver(number: int) -> None:
        await target.submit(arrival(number))
        answers[number] += 1

    async with writer(store) as target:
        await asyncio.gather(*(deliver(number % 300) for number in range(900)))
    await store.close()
    assert answers == dict.fromkeys(range(300), 3)
    assert stored(conninfo) == {f"event-{number}": 3 for number in range(300)}


@pytest.mark.parametrize(
    "bad",
    [
        {"payload": '{"not": json}'},
        {"payload": '"\ud800"'},
        {"status": Status(roaming=True, country_code=10**30)},
    ],
)
async def test_one_bad_event_among_a_hundred_costs_only_itself(
    conninfo: str, form: Form, bad: dict[str, Any]
) -> None:
    store = ingest(conninfo, form)
    sent = [arrival(number) for number in range(100)]
    sent[37] = arrival(37, **bad)
    async with writer(store) as target:
        answers = await asyncio.gather(
            *(target.submit(item) for item in sent), return_exceptions=True
        )
    await store.close()
    assert [type(answer) for answer in answers] == [
        ContentRejected if number == 37 else type(None) for number in range(100)
    ]
    assert stored(conninfo) == {f"event-{n}": 1 for n in range(100) if n != 37}


async def test_events_wait_for_the_end_of_a_read_only_time_and_are_stored(
    conninfo: str, form: Form
) -> None:
    store = ingest(conninfo, form)
    async with writer(store) as target:
        await target.submit(arrival(0))
        with read_only(conninfo):
            answers = [target.submit(arrival(number)) for number in range(1, 20)]
            await asyncio.wait(answers, timeout=1)
            assert not any(answer.done() for answer in answers)
        await asyncio.gather(*answers)
    await store.close()
    assert stored(conninfo) == {f"event-{number}": 1 for number in range(20)}


async def test_two_writers_with_the_same_events_in_opposite_order_neither_deadlock_nor_double(
    conninfo: str,
    form: Form,
) -> None:
    stores = [ingest(conninfo, form), ingest(conninfo, form)]
    phones = [f"+9999999{number:04}" for number in range(60)]
    async with writer(stores[0], batch_limit=7) as one, writer(stores[1], batch_limit=11) as two:
        for target, order in ((one, phones), (two, phones[::-1])) * 3:
            await asyncio.gather(
                *(target.submit(arrival(int(phone[-4:]), phone_number=phone)) for phone in order),
                *(
                    other.submit(arrival(int(phone[-4:]), phone_number=phone))
                    for other in (one, two)
                    for phone in phones[::-1]
                ),
            )
    for store in stores:
        await store.close()
    assert stored(conninfo) == {f"event-{number}": 18 for number in range(60)}


async def test_connections_that_are_cut_lose_no_answer_and_no_acknowledged_event(
    conninfo: str,
    form: Form,
) -> None:
    store = ingest(conninfo, form)
    acknowledged: set[str] = set()
    refused: list[BaseException] = []

    async def deliver(number: int) -> None:
        try:
            await target.submit(arrival(number))
        except Unavailable as error:
            refused.append(error)
        else:
            acknowledged.add(f"event-{number}")

    async with writer(store, batch_limit=20) as target:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            for round_ in range(10):
                deliveries = [
                    asyncio.create_task(deliver(100 * round_ + number)) for number in range(100)
                ]
                for _ in range(5):
                    await asyncio.sleep(0.005)
                    connection.execute(TERMINATE)
                await asyncio.gather(*deliveries)
    await store.close()
    assert len(acknowledged) + len(refused) == 1000
    assert acknowledged
    found = stored(conninfo)
    assert acknowledged <= found.keys()
    assert {found[name] for name in acknowledged} == {1}


async def test_a_fault_of_the_server_is_never_the_senders(conninfo: str, form: Form) -> None:
    store = ingest(conninfo, form)
    await change(conninfo, "ALTER TABLE event ADD CONSTRAINT closed CHECK (false) NOT VALID")
    async with writer(store) as target:
        answers = await asyncio.gather(
            *(target.submit(arrival(number)) for number in range(5)), return_exceptions=True
        )
    await store.close()
    assert [isinstance(answer, Unavailable) for answer in answers] == [True] * 5


async def test_close_drains_what_was_accepted(conninfo: str, form: Form) -> None:
    store = ingest(conninfo, form)
    async with writer(store, batch_limit=3) as target:
        accepted = [target.submit(arrival(number)) for number in range(40)]
        while target.queued == 0:
            await asyncio.sleep(0)
    assert await asyncio.gather(*accepted) == [None] * 40
    await store.close()
    assert len(stored(conninfo)) == 40
