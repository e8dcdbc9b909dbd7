"""The sweep derives what the feed skipped, and changes nothing else."""

from collections.abc import Sequence
from typing import LiteralString

import psycopg
import pytest

from receiver.errors import DatabaseAway
from receiver.events.event import Status
from receiver.store.derived.derivation import DERIVATION
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import SNAPSHOT, Feed
from receiver.store.projector.projecting import Projection
from receiver.store.projector.sweeping import sweep
from tests.support.facts import DEVICES, Told
from tests.support.store.database import rows

# By a snapshot that has them, or as if their transaction had been open for longer than the overlap.
SKIP_BY_SNAPSHOT = "UPDATE projection SET position = pg_current_snapshot()::text"
SKIP_BY_TIME = "UPDATE event SET stored_at = stored_at - interval '1 minute'"
DERIVED = """
SELECT 'register', device_status::text FROM device_status
UNION ALL SELECT 'subscription', subscription::text FROM subscription
UNION ALL SELECT 'identifier', device_identifier::text FROM device_identifier
ORDER BY 1, 2
"""
# Of a row that was written again they differ; a row that was locked has another xmax.
PLACES = """
SELECT 'register', ctid::text, xmax::text FROM device_status
UNION ALL SELECT 'subscription', ctid::text, xmax::text FROM subscription
UNION ALL SELECT 'identifier', ctid::text, xmax::text FROM device_identifier
ORDER BY 1, 2
"""


@pytest.fixture
def skip(feed: Feed) -> LiteralString:
    """What makes the feed skip the events that are stored and not derived."""
    return SKIP_BY_SNAPSHOT if feed is SNAPSHOT else SKIP_BY_TIME


def execute(conninfo: str, statement: LiteralString, parameters: Sequence[object] = ()) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(statement, parameters)


def events(count: int) -> list[Told]:
    return [
        Told(
            DEVICES[minute % 3],
            "sub",
            "network-type-changed",
            Status(connected_network_type=f"{2 + minute % 4}G"),
            minute,
            0,
            minute,
        )
        for minute in range(count)
    ]


@pytest.mark.undistributed("Citus refuses the command by which time passes here")
@pytest.mark.parametrize("step_events", [1, 2, 4000])
async def test_what_the_feed_skipped_is_derived(
    conninfo: str, ingest: Ingest, projection: Projection, skip: LiteralString, step_events: int
) -> None:
    await projection.derive_all()
    told = events(9)
    # Of one transaction, and of several.
    for batch in (told[:5], told[5:6], told[6:]):
        await ingest.commit([one.arrival for one in batch])
    execute(conninfo, skip)
    await projection.derive_all()
    assert rows(conninfo, DERIVED) == []
    await sweep(conninfo, statement_timeout_seconds=10, step_events=step_events)
    swept = rows(conninfo, DERIVED)
    execute(conninfo, "UPDATE projection SET derivation = 0")
    await projection.derive_all()
    assert swept == rows(conninfo, DERIVED) != []


async def test_what_is_derived_is_neither_written_again_nor_locked(
    conninfo: str, ingest: Ingest, projection: Projection
) -> None:
    # Another value came late, so that of one register no beginning is known.
    for batch in (events(9)[:4], events(9)[6:], events(9)[4:6]):
        await ingest.commit([one.arrival for one in batch])
        await projection.derive_all()
    before, places = rows(conninfo, DERIVED), rows(conninfo, PLACES)
    # By a time, a step reads all of them again.
    await projection.derive()
    await sweep(conninfo, statement_timeout_seconds=10)
    assert (rows(conninfo, DERIVED), rows(conninfo, PLACES)) == (before, places)


@pytest.mark.undistributed("Citus refuses the command by which time passes here")
async def test_a_newer_derivation_is_left_to_its_release(
    conninfo: str, ingest: Ingest, projection: Projection, skip: LiteralString
) -> None:
    await projection.derive_all()
    await ingest.commit([one.arrival for one in events(3)])
    execute(conninfo, skip)
    execute(conninfo, "UPDATE projection SET derivation = %s", [DERIVATION + 1])
    await sweep(conninfo, statement_timeout_seconds=10)
    assert rows(conninfo, DERIVED) == []


async def test_a_database_that_is_away_is_told_in_one_sentence() -> None:
    with pytest.raises(DatabaseAway, match="the sweep cannot go on"):
        await sweep(
            "host=127.0.0.1 port=1 dbname=nowhere user=nobody", statement_timeout_seconds=10
        )
