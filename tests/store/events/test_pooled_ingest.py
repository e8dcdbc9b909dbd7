"""The insert behind a transaction pooler: a function, whose plan a session of the server keeps."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from receiver.errors import CommitRefused
from receiver.store.events.ingest import BODY, FUNCTION, Ingest
from tests.support.arrivals import arrival
from tests.support.pooler import transaction_pooler
from tests.support.store.database import column, rows

DEFINED = f"SELECT prosrc FROM pg_proc WHERE proname = '{FUNCTION}'"  # noqa: S608 - of a constant
LEFT = """
SELECT current_setting('lock_timeout') || ' ' || current_setting('statement_timeout')
    || ' ' || (SELECT count(*) FROM pg_prepared_statements)
"""


@pytest.fixture
def pooled(conninfo: str) -> Iterator[str]:
    with transaction_pooler(conninfo) as through:
        yield through


@pytest.fixture
async def ingest(pooled: str) -> AsyncIterator[Ingest]:
    ingest = Ingest(pooled, statement_timeout_seconds=0.3, prepare_threshold=0)
    yield ingest
    await ingest.close()


def test_the_function_is_the_insert_of_this_release(conninfo: str) -> None:
    assert column(conninfo, DEFINED) == [BODY]


async def test_what_is_stored_is_the_same_with_and_without_a_pooler(
    ingest: Ingest, conninfo: str
) -> None:
    direct = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    await ingest.commit([arrival(1)])
    await direct.commit([arrival(2)])
    await direct.close()
    pooled, other = (
        {name: row[name] for name in row if name not in {"stored_at", "xact", "seq"}}
        for row in rows(conninfo, "SELECT * FROM event ORDER BY seq")
    )
    differing = {name for name in pooled if pooled[name] != other[name]}
    assert differing == {"digest", "event_id", "occurred_at", "received_at", "payload"}


async def test_a_redelivery_counts_and_a_second_try_does_not(ingest: Ingest, conninfo: str) -> None:
    again = arrival(1)
    for batch in ([arrival(1)], [again], [again, arrival(2)]):
        await ingest.commit(batch)
    deliveries = "SELECT deliveries FROM event_identity ORDER BY deliveries"
    assert column(conninfo, deliveries) == ["1", "2"]


async def test_a_locked_table_refuses_in_time_and_the_next_commit_works(
    ingest: Ingest, conninfo: str
) -> None:
    with psycopg.connect(conninfo) as other:
        other.execute("LOCK event_identity")
        with pytest.raises(CommitRefused) as refused:
            await ingest.commit([arrival(1)])
        assert refused.value.fault == "locked"
    await ingest.commit([arrival(1)])
    assert column(conninfo, "SELECT count(*) FROM event") == ["1"]


async def test_nothing_stays_in_the_session_for_its_next_client(
    ingest: Ingest, pooled: str
) -> None:
    for number in range(8):
        await ingest.commit([arrival(number)])
    with psycopg.connect(pooled, prepare_threshold=None) as other:
        assert other.execute(LEFT).fetchone() == ("0 0 0",)
