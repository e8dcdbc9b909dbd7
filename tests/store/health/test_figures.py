"""What operations watch in the database, and that it costs little however much is stored."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import Unavailable
from receiver.store.health import figures
from receiver.store.health.figures import (
    LATEST_ARRIVALS,
    QUARANTINE_ROWS,
    Figures,
    latest_arrivals,
    read_figures,
)
from receiver.store.schema.partitions import MONTHS_AHEAD
from tests.support.arrivals import MORNING, arrival
from tests.support.store.database import plan
from tests.support.store.history import store

REFUSE = """
INSERT INTO quarantine (received_at, credential, reason, headers, body)
SELECT now(), 'operator', 'not JSON', '{}', 'x'::bytea FROM generate_series(1, %s)
"""


@pytest.fixture
def filled(conninfo: str) -> str:
    """A database with more in quarantine than is counted."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(REFUSE, [12_000])
        connection.execute("VACUUM ANALYZE quarantine")
    return conninfo


async def test_an_empty_database_has_its_partitions_and_nothing_else(engine: AsyncEngine) -> None:
    assert await read_figures(engine) == Figures(
        quarantine_rows=0, partitions_ahead=MONTHS_AHEAD, progress=None
    )
    assert await latest_arrivals(engine) == []


async def test_the_quarantine_is_counted_so_far_and_no_further(
    engine: AsyncEngine, filled: str
) -> None:
    assert (await read_figures(engine)).quarantine_rows == 10_000
    assert "Index Only Scan using quarantine_pkey" in plan(filled, QUARANTINE_ROWS)


async def test_the_latest_arrivals_are_read_from_the_end_of_an_index(
    engine: AsyncEngine, conninfo: str
) -> None:
    await store(conninfo, [arrival(number) for number in range(2000)])
    await store(conninfo, [arrival(number) for number in range(2000, 3000)])
    [(credential, received_at)] = await latest_arrivals(engine)
    assert credential == "operator"
    assert received_at == MORNING + timedelta(hours=1, seconds=2999)
    explained = plan(conninfo, LATEST_ARRIVALS)
    assert "_pkey" in explained
    assert "Sort Key: event" not in explained
    assert "Seq Scan on event" not in explained


async def test_a_question_that_takes_too_long_is_given_up(
    engine: AsyncEngine, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "LIMIT_TIME", "SET LOCAL statement_timeout = '50ms'")
    with psycopg.connect(conninfo) as connection:
        connection.execute("LOCK TABLE quarantine, event IN ACCESS EXCLUSIVE MODE")
        for read in (read_figures, latest_arrivals):
            with pytest.raises(Unavailable, match="57014"):
                await read(engine)
    assert (await read_figures(engine)).quarantine_rows == 0
