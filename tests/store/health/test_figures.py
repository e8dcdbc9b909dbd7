"""What operations watch in the database, and that it costs little however much is stored."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import question_engine
from receiver.store.events.ingest import Ingest
from receiver.store.health.figures import (
    LATEST_ARRIVALS,
    QUARANTINE_ROWS,
    Figures,
    latest_arrivals,
    read_figures,
)
from receiver.store.schema.partitions import MONTHS_AHEAD, months_ahead
from tests.support.arrivals import MORNING, arrival

REFUSE = """
INSERT INTO quarantine (received_at, credential, reason, headers, body)
SELECT now(), 'operator', 'not JSON', '{}', 'x'::bytea FROM generate_series(1, %s)
"""


@pytest.fixture
async def engine(conninfo: str) -> AsyncIterator[AsyncEngine]:
    made = question_engine(
        conninfo, pool_size=1, statement_timeout_seconds=10, prepare_threshold=None
    )
    yield made
    await made.dispose()


@pytest.fixture
def filled(conninfo: str) -> str:
    """A database with more in quarantine than is counted."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(REFUSE, [12_000])
        connection.execute("VACUUM ANALYZE quarantine")
    return conninfo


async def test_an_empty_database_has_its_partitions_and_nothing_else(engine: AsyncEngine) -> None:
    assert await read_figures(engine) == Figures(quarantine_rows=0, partitions_ahead=MONTHS_AHEAD)
    assert await latest_arrivals(engine) == []


async def test_the_quarantine_is_counted_so_far_and_no_further(
    engine: AsyncEngine, filled: str
) -> None:
    assert (await read_figures(engine)).quarantine_rows == 10_000
    assert "Index Only Scan using quarantine_pkey" in plan(filled, QUARANTINE_ROWS)


async def test_the_latest_arrivals_are_read_from_the_end_of_an_index(
    engine: AsyncEngine, conninfo: str
) -> None:
    ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    await ingest.commit([arrival(number) for number in range(2000)])
    await ingest.commit([arrival(number) for number in range(2000, 3000)])
    await ingest.close()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("ANALYZE")
    [(credential, received_at)] = await latest_arrivals(engine)
    assert credential == "operator"
    assert received_at == MORNING + timedelta(hours=1, seconds=2999)
    explained = plan(conninfo, LATEST_ARRIVALS)
    assert "_pkey" in explained
    assert "Sort Key: event" not in explained
    assert "Seq Scan on event" not in explained


@pytest.mark.parametrize(
    ("attached", "ahead"),
    [
        (set(), -1),
        ({"event_2026_11"}, -1),
        ({"event_2026_12"}, 0),
        ({"event_2026_12", "event_2027_01"}, 1),
        ({"event_2026_12", "event_2027_02"}, 0),
    ],
)
def test_months_are_ahead_as_far_as_there_is_no_gap(attached: set[str], ahead: int) -> None:
    assert months_ahead(attached, date(2026, 12, 1)) == ahead


def plan(conninfo: str, question: str) -> str:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        explained = connection.execute(f"EXPLAIN {question}").fetchall()
    return "\n".join(row[0] for row in explained)
