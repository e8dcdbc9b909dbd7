"""The counts of the statement are those of the fold, for any order."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Arrival, Kind
from receiver.projection.subscriptions.forecast import Moment, Tally, count, is_silent
from receiver.store.connections.engine import reading
from receiver.store.events.ingest import Ingest
from receiver.store.schema.partitions import later
from receiver.store.subscriptions.tallies import LISTED_EVENTS, count_events, count_latest
from tests.support.facts import DEVICES, NOON, STATUSES, Told, told
from tests.support.lengths import lengths
from tests.support.shared_store import SharedStore

EVENTS_MAX = 25
HISTORIES = st.lists(told(), min_size=1, max_size=EVENTS_MAX, unique_by=lambda event: event.digest)
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


async def check(store: SharedStore, events: Sequence[Told]) -> None:
    await store.clear()
    await store.ingest.commit([arrival(event) for event in events])
    async with reading(store.engine) as asked:
        found = await count_events(asked, KEYS, NOON, EVENTS_MAX)
    assert {key: one.tally for key, one in found.items()} == {
        key: specified(events, key) for key in KEYS
    }


@pytest.mark.parametrize("examples", lengths(20, 300))
def test_counts_and_pauses_are_those_of_the_fold(shared_store: SharedStore, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(events=HISTORIES)
    def tallies_are_those_of_the_fold(events: list[Told]) -> None:
        shared_store.run(check(shared_store, events))

    tallies_are_those_of_the_fold()


ONE = Told(DEVICES[0], "s-1", "roaming-on", STATUSES["roaming-on"][0], 0, 0, 0)
DAY = timedelta(days=1)
# Events of a subscription, each at a time of its own that is that of its arrival too.
FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, subscription_id, credential,
    occurred_at, received_at, findings, payload
)
SELECT md5('device')::uuid, at, pg_current_xact_id(), '', 'roaming', 'roaming-on', 'type',
    'cloudevents', 's-1', 'operator', at, at, '{}', '{}'
FROM (SELECT %(now)s - ago AS at FROM unnest(%(ago)s::interval[]) AS ago) AS made
"""
RETIRE = """
INSERT INTO subscription_retired (
    credential, subscription_id, name, month, events, charged, first_at, last_at
) VALUES ('operator', 's-1', 'roaming-on', '2020-01-01Z', 5, 5, '2020-01-01Z', '2020-01-02Z');
INSERT INTO retention (kept_from, identities_from) VALUES ('2020-02-01Z', '2020-02-01Z')
"""


@pytest.mark.parametrize(("events", "counted", "is_whole"), [(2, 2, True), (4, 2, False)])
async def test_more_events_than_are_counted_are_named(
    engine: AsyncEngine, ingest: Ingest, events: int, counted: int, is_whole: bool
) -> None:
    await ingest.commit([ONE._replace(minute=minute).arrival for minute in range(events)])
    async with reading(engine) as connection:
        found = await count_events(connection, KEYS[:1], NOON, 2)
    tally = found[KEYS[0]].tally
    assert (tally.total, tally.is_whole) == (counted, is_whole)


@pytest.mark.parametrize(("limit", "has_pause"), [(3, True), (2, False)])
async def test_what_is_not_counted_is_no_pause_after_dropped_months(
    engine: AsyncEngine, ingest: Ingest, conninfo: str, limit: int, has_pause: bool
) -> None:
    await ingest.commit([ONE._replace(minute=minute).arrival for minute in range(3)])
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(RETIRE)
    async with reading(engine) as connection:
        found = await count_events(connection, KEYS[:1], NOON, limit)
    tally = found[KEYS[0]].tally
    assert tally.total == limit + 5
    assert tally.longest_pause is not None
    assert (tally.longest_pause > DAY) is has_pause


async def test_a_pause_before_the_latest_events_is_a_part_of_the_rhythm(
    engine: AsyncEngine, conninfo: str
) -> None:
    latest = [2 * DAY + number * timedelta(minutes=1) for number in range(LISTED_EVENTS)]
    # In a month that has its partition whatever day it is.
    now = datetime.combine(later(datetime.now(UTC).date(), 1), time(12), UTC) + 9 * DAY
    silent = []
    for before in ([], [2 * DAY + timedelta(hours=1)], [3 * DAY]):
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("TRUNCATE event")
            connection.execute(FILL, {"now": now, "ago": [*latest, *before]})
        async with reading(engine) as asked:
            found = await count_latest(asked, KEYS, now)
        assert found[KEYS[0]].tally.total == LISTED_EVENTS
        assert found[KEYS[0]].tally.is_whole is not bool(before)
        silent.append(is_silent(found[KEYS[0]].tally, now))
    assert silent == [True, True, False]
