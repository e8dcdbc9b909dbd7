"""What the tables of events promise, held by a real Postgres."""

import psycopg
import pytest

from receiver.store.events.ingest import Ingest
from receiver.store.events.tables import event, event_identity
from tests.support.arrivals import arrival
from tests.support.store.database import column, rows

DISTRIBUTED_KEYS = """
SELECT conrelid::regclass::text AS owner, array_agg(attname::text) AS columns
FROM pg_constraint
JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
WHERE contype IN ('p', 'u') AND conrelid IN ('event'::regclass, 'event_identity'::regclass)
GROUP BY conrelid, conname
"""


def test_every_key_contains_the_device(conninfo: str) -> None:
    """A table is distributed by device only if every unique key contains the device."""
    keys = rows(conninfo, DISTRIBUTED_KEYS)
    assert {"event", "event_identity"} == {key["owner"] for key in keys}
    assert [key for key in keys if "device_id" not in key["columns"]] == []


def test_every_declared_column_has_a_comment() -> None:
    for table in (event, event_identity):
        assert table.comment
        assert [column.name for column in table.columns if not column.comment] == []


async def test_a_payload_is_stored_with_its_spacing_and_its_repeated_names(
    ingest: Ingest, conninfo: str
) -> None:
    payload = '{ "a":1,\n"a" : 1.0 }'
    await ingest.commit([arrival(payload=payload)])
    assert [payload] == column(conninfo, "SELECT payload::text FROM event")


async def test_an_event_without_a_device_is_refused(ingest: Ingest, conninfo: str) -> None:
    await ingest.commit([arrival()])
    with (
        psycopg.connect(conninfo) as connection,
        pytest.raises(psycopg.errors.NotNullViolation),
    ):
        connection.execute("UPDATE event SET device_id = NULL")


async def test_an_events_partition_is_the_month_in_which_it_was_stored(
    ingest: Ingest, conninfo: str
) -> None:
    await ingest.commit([arrival()])
    same = "SELECT tableoid::regclass::text = 'event_' || to_char(stored_at, 'YYYY_MM') FROM event"
    assert column(conninfo, same) == ["True"]
