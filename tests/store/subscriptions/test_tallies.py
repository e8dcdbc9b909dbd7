"""The counts of the statement are those of the fold, for any order."""

import asyncio
from collections.abc import Sequence

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Arrival, Kind
from receiver.projection.subscriptions.forecast import Moment, Tally, count
from receiver.store.connections.engine import question_engine, reading
from receiver.store.events.ingest import Ingest
from receiver.store.subscriptions import tallies
from receiver.store.subscriptions.tallies import count_events
from tests.support.facts import DEVICES, NOON, STATUSES, Told, told
from tests.support.lengths import lengths

HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)
KEYS = [("operator", "s-1"), ("operator", "s-2"), ("operator", "s-9"), ("nobody", "s-1")]


def is_charged(event: Told) -> bool:
    return not event.name.startswith("subscription-")


def arrival(event: Told) -> Arrival:
    made = event.arrival
    if is_charged(event):
        return made
    return made._replace(event=made.event._replace(kind=Kind.SUBSCRIPTION))


def specified(events: Sequence[Told], key: tuple[str, str]) -> Tally:
    moments = [
        Moment(event.name, event.fact.effective_at, is_charged(event))
        for event in events
        if ("operator", event.subscription_id) == key
    ]
    return count(moments, NOON)


async def check(conninfo: str, events: Sequence[Told]) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("TRUNCATE event, event_identity")
    engine: AsyncEngine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=10, prepare_threshold=None
    )
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    try:
        await ingest.commit([arrival(event) for event in events])
        async with reading(engine) as asked:
            found = await count_events(asked, KEYS, NOON)
    finally:
        await ingest.close()
        await engine.dispose()
    assert {key: one.tally for key, one in found.items()} == {
        key: specified(events, key) for key in KEYS
    }


@pytest.mark.parametrize("examples", lengths(20, 300))
def test_counts_and_pauses_are_those_of_the_fold(module_conninfo: str, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(events=HISTORIES)
    def tallies_are_those_of_the_fold(events: list[Told]) -> None:
        asyncio.run(check(module_conninfo, events))

    tallies_are_those_of_the_fold()


@pytest.mark.parametrize(("events", "counted", "is_whole"), [(2, 2, True), (4, 3, False)])
async def test_more_events_than_are_counted_are_named(
    engine: AsyncEngine,
    ingest: Ingest,
    monkeypatch: pytest.MonkeyPatch,
    events: int,
    counted: int,
    is_whole: bool,
) -> None:
    monkeypatch.setattr(tallies, "COUNTED_EVENTS", 2)
    one = Told(DEVICES[0], "s-1", "roaming-on", STATUSES["roaming-on"][0], 0, 0, 0)
    await ingest.commit([one._replace(minute=minute).arrival for minute in range(events)])
    async with reading(engine) as connection:
        found = await count_events(connection, KEYS[:1], NOON)
    tally = found[KEYS[0]].tally
    assert (tally.total, tally.is_whole) == (counted, is_whole)
