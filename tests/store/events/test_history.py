"""Pages of events against a real Postgres: nothing lost, nothing twice, an index for each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID, uuid4, uuid5

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Arrival, Device
from receiver.store.connections.engine import question_engine
from receiver.store.connections.keyset import Order
from receiver.store.events.history import History, page_statement
from receiver.store.events.ingest import Ingest
from receiver.store.events.selection import Position, Selection
from tests.support.arrivals import MORNING, NAMESPACE, PHONE_NUMBER, arrival

DEVICE_ID = uuid5(NAMESPACE, PHONE_NUMBER)


@pytest.fixture
async def engine(conninfo: str) -> AsyncIterator[AsyncEngine]:
    made = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=10, prepare_threshold=None
    )
    yield made
    await made.dispose()


@pytest.fixture
def history(engine: AsyncEngine) -> History:
    return History(engine)


async def store(conninfo: str, arrivals: Sequence[Arrival]) -> None:
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    await ingest.commit(arrivals)
    await ingest.close()


async def walk(history: History, selection: Selection, order: Order, limit: int) -> list[str]:
    """Every event id, page by page."""
    seen: list[str] = []
    after: Position | None = None
    while True:
        events, more = await history.page(selection, order=order, after=after, limit=limit)
        seen += [str(event.event_id) for event in events]
        if not more:
            return seen
        after = events[-1].position


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    microseconds=st.lists(st.integers(0, 2), min_size=1, max_size=40),
    batches=st.integers(1, 4),
    limit=st.integers(1, 7),
    order=st.sampled_from(["asc", "desc"]),
)
def test_pages_through_events_that_share_a_microsecond_lose_and_repeat_nothing(
    conninfo: str, microseconds: list[int], batches: int, limit: int, order: Order
) -> None:
    async def story() -> None:
        phone_number = f"+{uuid4().int % 10**15:015}"
        arrivals = [
            arrival(
                number,
                phone_number=phone_number,
                occurred_at=MORNING + timedelta(microseconds=microsecond),
            )
            for number, microsecond in enumerate(microseconds)
        ]
        for batch in range(batches):
            if arrivals[batch::batches]:
                await store(conninfo, arrivals[batch::batches])
        engine = question_engine(
            conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
        )
        selection = Selection(device_id=uuid5(NAMESPACE, phone_number))
        seen = await walk(History(engine), selection, order, limit)
        await engine.dispose()
        assert sorted(seen) == sorted(f"event-{number}" for number in range(len(microseconds)))
        times = [microseconds[int(name.removeprefix("event-"))] for name in seen]
        assert times == sorted(times, reverse=order == "desc")

    asyncio.run(story())


async def test_events_that_arrive_between_two_pages_neither_shift_nor_repeat(
    history: History, conninfo: str
) -> None:
    await store(conninfo, [arrival(number) for number in range(0, 20, 2)])
    selection = Selection(device_id=DEVICE_ID)
    first, _ = await history.page(selection, order="desc", after=None, limit=4)
    await store(conninfo, [arrival(number) for number in range(1, 30, 2)])
    rest, _ = await history.page(selection, order="desc", after=first[-1].position, limit=100)
    seen = [str(event.event_id) for event in (*first, *rest)]
    assert len(seen) == len(set(seen))
    assert {f"event-{number}" for number in range(0, 20, 2)} <= set(seen)


async def test_a_stored_event_comes_back_as_it_was(history: History, conninfo: str) -> None:
    sent = arrival(1)
    await store(conninfo, [sent, arrival(1)])
    [found], more = await history.page(
        Selection(device_id=DEVICE_ID), order="desc", after=None, limit=10
    )
    event = sent.event
    assert not more
    assert (found.device, found.status, found.findings) == (
        event.device,
        event.status,
        event.findings,
    )
    assert (found.occurred_at, found.received_at) == (event.occurred_at, sent.received_at)
    assert found.deliveries == 2


SECOND = MORNING + timedelta(seconds=2)
FILTERED: list[tuple[dict[str, Any], list[int]]] = [
    ({"types": ["one.type"]}, [1]),
    ({"types": ["one.type", "other.type"]}, [1, 2]),
    ({"kinds": ["subscription"]}, [3]),
    ({"names": ["roaming-on"]}, [4]),
    ({"sources": ["https://elsewhere.example/"]}, [5]),
    ({"subscription_ids": ["s-6"]}, [6]),
    ({"credentials": ["nobody"]}, []),
    ({"occurred_from": SECOND, "occurred_to": SECOND + timedelta(seconds=2)}, [2, 3]),
    ({"received_from": MORNING + timedelta(hours=1, seconds=5)}, [5, 6]),
    ({"received_to": MORNING + timedelta(hours=1, seconds=2)}, [1]),
    ({"kinds": ["roaming"], "types": ["one.type"]}, [1]),
]  # fmt: skip


@pytest.mark.parametrize(("filters", "expected"), FILTERED, ids=[str(f) for f, _ in FILTERED])
async def test_filters_choose_the_events_they_name(
    history: History, conninfo: str, filters: dict[str, Any], expected: list[int]
) -> None:
    await store(
        conninfo,
        [
            arrival(1, type="one.type"),
            arrival(2, type="other.type"),
            arrival(3, kind="subscription"),
            arrival(4, name="roaming-on"),
            arrival(5, source="https://elsewhere.example/"),
            arrival(6, subscription_id="s-6"),
        ],
    )
    selection = replace(Selection(device_id=DEVICE_ID), **filters)
    assert await walk(history, selection, "asc", 50) == [f"event-{n}" for n in expected]


REPORTED = [
    Device(network_access_identifier="device@operator.example"),
    Device(ipv6_address=IPv6Address("2001:0db8:0:0::1")),
    Device(ipv4_public_address=IPv4Address("203.0.113.7")),
    Device(ipv4_public_address=IPv4Address("203.0.113.7"), ipv4_public_port=4711),
    Device(
        ipv4_public_address=IPv4Address("203.0.113.7"),
        ipv4_private_address=IPv4Address("192.0.2.25"),
    ),
]


@pytest.mark.parametrize("reported", REPORTED, ids=str)
async def test_events_are_found_by_every_identifier_their_own_body_carried(
    history: History, conninfo: str, reported: Device
) -> None:
    stranger = Device(ipv4_public_address=IPv4Address("203.0.113.7"), ipv4_public_port=1)
    await store(conninfo, [arrival(1), arrival(2, device=Device(phone_number=PHONE_NUMBER))])
    await store(conninfo, [arrival(3, phone_number="+99999991003", device=stranger)])
    found = await walk(history, Selection(reported=reported), "asc", 50)
    only_address = reported == REPORTED[2]
    assert found == (["event-1", "event-3"] if only_address else ["event-1"])
    assert await history.exists(Selection(reported=reported))


async def test_a_device_is_summed_up_by_its_identifiers_and_its_first_and_last_event(
    history: History, conninfo: str
) -> None:
    later_address = Device(phone_number=PHONE_NUMBER, ipv6_address=IPv6Address("2001:db8::2"))
    await store(
        conninfo, [arrival(2, device=later_address), arrival(1), arrival(3, device=Device())]
    )
    summary = await history.device(DEVICE_ID)
    assert summary is not None
    assert (summary.first_event.event_id, summary.last_event.event_id) == ("event-1", "event-3")
    assert summary.identifiers == (
        Device(phone_number=PHONE_NUMBER),
        Device(ipv6_address=IPv6Address("2001:db8::2")),
        Device(network_access_identifier="device@operator.example"),
        Device(
            ipv4_public_address=IPv4Address("203.0.113.7"),
            ipv4_private_address=IPv4Address("192.0.2.25"),
            ipv4_public_port=4711,
        ),
        Device(ipv6_address=IPv6Address("2001:db8::1")),
    )  # fmt: skip
    assert await history.device(UUID(int=0)) is None


PLANS: list[tuple[Selection, str]] = [
    (Selection(device_id=DEVICE_ID), "device_id_occurred_at"),
    (Selection(reported=REPORTED[0]), "network_access_identifier"),
    (Selection(reported=REPORTED[1]), "ipv6_address"),
    (Selection(reported=REPORTED[3]), "ipv4_public_address"),
    (Selection(), "_pkey on event_2"),
    (Selection(subscription_ids=["s-rare"]), "subscription_id_stored_at_seq"),
]


@pytest.mark.parametrize(("selection", "index"), PLANS, ids=[index for _, index in PLANS])
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_every_page_reads_an_index_and_sorts_nothing(
    conninfo: str, selection: Selection, index: str, order: Order
) -> None:
    others = [
        arrival(
            number,
            phone_number=f"+9999999{number:04}",
            device=Device(),
            subscription_id="s-rare" if number % 5 == 0 else "s-other",
        )
        for number in range(1000)
    ]
    await store(conninfo, [*others, *(arrival(number) for number in range(1000, 4000))])
    an_hour = timedelta(hours=1 if order == "desc" else -1)
    after = Position(MORNING + timedelta(seconds=2500), datetime.now(UTC) + an_hour, 5)
    statement = page_statement(selection, order=order, after=after, limit=10)
    compiled = statement.compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("ANALYZE")
        explained = connection.execute(f"EXPLAIN {compiled}", compiled.params)
        plan = "\n".join(row[0] for row in explained.fetchall())
    assert index in plan
    assert "->  Sort" not in plan
    assert "Seq Scan on event" not in plan
