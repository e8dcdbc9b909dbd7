"""A page of the ledger costs what its subscriptions cost, however many events these have.

Of 10,000 subscriptions fifty have 400 events each, a day apart in two months; the others have one.
So Postgres expects hardly more events of a subscription than an answer counts.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.projection.ledger import Key
from receiver.projection.subscriptions.forecast import State
from receiver.store.connections.engine import question_engine
from receiver.store.projector import feeds, projecting
from receiver.store.schema.partitions import later
from receiver.store.subscriptions import counting as module
from receiver.store.subscriptions.comparing import COMPARED, COMPARED_EVENTS, LISTED_COMPARED
from receiver.store.subscriptions.counting import LIST_SECONDS, PAGE_SECONDS
from receiver.store.subscriptions.entry import Entry
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.questions import LedgerSelection, select_keys
from receiver.store.subscriptions.tallies import (
    ARRIVALS,
    COUNTED_EVENTS,
    LISTED_EVENTS,
    RHYTHM_ARRIVALS,
    TALLY,
)
from tests.support.filled import blocks

BUSY, EVENTS, OTHERS = 50, 400, 10_000
MONTH = later(datetime.now(UTC).date().replace(day=1), 0)
FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, subscription_id, credential,
    occurred_at, received_at, phone_number, findings, payload
)
SELECT md5(subscription)::uuid, arrived, pg_current_xact_id(), decode(md5('d' || number), 'hex'),
    'roaming', 'roaming-on', 'type', 'cloudevents', subscription,
    CASE WHEN number %% 2 = 0 THEN 'first' ELSE 'second' END, arrived, arrived, '+99999' || number,
    '{{}}', '{{}}'
FROM (
    SELECT number, {subscription} AS subscription,
        %(month)s::timestamptz + number * interval '2 minutes' AS arrived
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
) AS made
"""
EVERY = [
    (credential, f"busy-{number:02}")
    for number in range(BUSY)
    for credential in ("first", "second")
    if number % 2 == (credential == "second")
]
# Of each subscription a descent in each partition and both sources, and what a table's row takes.
BLOCKS_OF_A_KEY = 40


@pytest.fixture(scope="module")
def filled(module_conninfo: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with the subscriptions, all of it derived."""
    with psycopg.connect(module_conninfo, autocommit=True) as connection:
        bounds: dict[str, Any] = {"month": MONTH, "first": 0, "last": BUSY * EVENTS - 1}
        busy = FILL.format(subscription=f"'busy-' || lpad((number %% {BUSY})::text, 2, '0')")
        connection.execute(busy.encode(), bounds)
        bounds |= {"first": BUSY * EVENTS, "last": BUSY * EVENTS + OTHERS - 1}
        connection.execute(FILL.format(subscription="'usual-' || number").encode(), bounds)
        connection.execute(feeds.compose_beginning(feeds.SNAPSHOT).encode())
        connection.execute(projecting.REBUILD, {"low": projecting.LOWEST, "high": None})
        connection.execute("VACUUM (ANALYZE) event")
        connection.execute("VACUUM (ANALYZE) subscription")
        yield connection


@pytest.fixture
async def engine(filled: psycopg.Connection, module_conninfo: str) -> AsyncIterator[AsyncEngine]:
    engine = question_engine(
        module_conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    yield engine
    await engine.dispose()


def counting(limit: int) -> dict[str, object]:
    return {
        "credentials": [credential for credential, _ in EVERY],
        "subscription_ids": [subscription_id for _, subscription_id in EVERY],
        "lately": datetime.now(UTC) - timedelta(days=7),
        "limit": limit,
    }


def test_a_list_reads_the_latest_few_events_of_each_subscription(
    filled: psycopg.Connection,
) -> None:
    listed = blocks(filled, TALLY, **counting(LISTED_EVENTS))
    assert listed < BUSY * (LISTED_EVENTS + 1 + BLOCKS_OF_A_KEY)
    # Events of one subscription stand apart: all of them are many more blocks.
    assert blocks(filled, TALLY, **counting(COUNTED_EVENTS)) > BUSY * EVENTS


def test_the_rhythm_of_a_subscription_is_read_from_the_index_alone(
    filled: psycopg.Connection,
) -> None:
    assert blocks(filled, ARRIVALS, **counting(RHYTHM_ARRIVALS)) < BUSY * (5 + BLOCKS_OF_A_KEY)


def test_a_list_compares_the_latest_few_events_of_each_device(filled: psycopg.Connection) -> None:
    devices = [
        UUID(str(row[0]))
        for row in filled.execute(
            "SELECT DISTINCT device_id FROM subscription WHERE subscription_id LIKE 'busy-%'"
        )
    ]
    listed = blocks(filled, COMPARED, devices=devices, limit=LISTED_COMPARED)
    assert listed < BUSY * (LISTED_COMPARED + BLOCKS_OF_A_KEY)
    assert blocks(filled, COMPARED, devices=devices, limit=COMPARED_EVENTS) > 3 * listed


@pytest.mark.parametrize(
    "selection",
    [
        pytest.param(LedgerSelection(subscription_ids=["usual-20777"]), id="subscription"),
        pytest.param(
            LedgerSelection(subscription_ids=["usual-20777"], credentials=["second"]), id="both"
        ),
        pytest.param(LedgerSelection(ends_before=datetime.now(UTC)), id="expiry"),
        pytest.param(LedgerSelection(), id="all"),
    ],
)
def test_no_filter_reads_all_subscriptions(
    filled: psycopg.Connection, selection: LedgerSelection
) -> None:
    parameters = {
        "credential_filter": list(selection.credentials),
        "subscription_filter": list(selection.subscription_ids),
        "ends_before": selection.ends_before,
        "tail_credentials": [],
        "tail_subscriptions": [],
        "limit": 51,
    }
    assert blocks(filled, select_keys(selection, "asc", None), **parameters) < 60


class Clock:
    """Goes on by a step at each look.

    Attributes:
        seconds: of each step.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._now = 0.0

    def __call__(self) -> float:
        self._now += self.seconds
        return self._now


async def walk(
    ledger: Ledger, selection: LedgerSelection, limit: int, after: Key | None = None
) -> list[list[Entry]]:
    pages: list[list[Entry]] = []
    while not pages or after is not None:
        page, after = await ledger.page(selection, order="asc", after=after, limit=limit)
        pages.append(page)
    return pages


async def test_what_is_named_is_counted_whole_on_as_many_pages_as_that_takes(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TOGETHER_EVENTS", 0)
    keys = EVERY[:8]
    named = LedgerSelection(subscription_ids=[name for _, name in keys])
    for seconds, expected in ((0.0, 1), (PAGE_SECONDS, len(keys))):
        pages = await walk(Ledger(engine, Clock(seconds)), named, BUSY)
        found = [entry for page in pages for entry in page]
        assert ([entry.key for entry in found], len(pages)) == (sorted(keys), expected)
        assert {entry.tally.total for entry in found} == {EVENTS}


async def test_pages_of_a_state_that_end_early_lose_and_double_nothing(engine: AsyncEngine) -> None:
    # Whatever has one event has no rhythm, and is active.
    active, after = LedgerSelection(states=[State.ACTIVE]), ("second", "usual-29899")
    pages = await walk(Ledger(engine, Clock(PAGE_SECONDS)), active, 7, after)
    found = [entry.key[1] for page in pages for entry in page]
    assert found == [f"usual-{number}" for number in range(29901, 30000, 2)]
    silent = LedgerSelection(states=[State.SILENT])
    pages = await walk(Ledger(engine, Clock(PAGE_SECONDS)), silent, 7, after)
    assert ([entry for page in pages for entry in page], len(pages)) == ([], 8)


async def test_a_list_counts_more_where_that_takes_no_time(engine: AsyncEngine) -> None:
    for seconds, total in ((0.0, EVENTS), (LIST_SECONDS, LISTED_EVENTS)):
        page, _ = await Ledger(engine, Clock(seconds)).page(
            LedgerSelection(credentials=["first"]), order="asc", after=None, limit=25
        )
        assert [entry.tally.total for entry in page] == [total] * 25
        assert {entry.tally.is_whole for entry in page} == {total == EVENTS}
