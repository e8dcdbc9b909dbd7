"""Every text that names the columns of an event names those of EVENT_COLUMNS."""

from dataclasses import fields

import orjson
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from receiver.events.event import Device, Status
from receiver.store.events.columns import EVENT_COLUMNS, IDENTIFIERS, STATUS
from receiver.store.events.stored_event import COLUMNS, StoredEvent
from receiver.store.events.storing.rows import rows_of
from receiver.store.events.tables import event
from tests.support.arrivals import arrival
from tests.support.store.database import column, rows

NAMES = [column.name for column in EVENT_COLUMNS]
MIGRATED = """
SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute
WHERE attrelid = 'event'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
REPORTED = "SELECT attname FROM pg_attribute WHERE attrelid = 'reporting.event'::regclass"

# The id of `reporting.event` carries stored_at and seq; xact and digest serve writers.
INTERNAL = {"seq", "xact", "digest"}
# Reports name a device by its id, its phone number and its network access identifier.
ADDRESSES = {name for name in NAMES if name.startswith(("ipv4_", "ipv6_"))}
COMPUTED = {"deliveries", "sender_event_id"}


def full_name(conninfo: str, type_: str) -> str:
    """The name of a type as `format_type` writes it."""
    [name] = column(conninfo, f"SELECT '{type_}'::regtype")
    return name


def test_the_declared_table_has_the_columns() -> None:
    dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
    short = {"timestamp with time zone": "timestamptz"}
    declared = [(c.name, c.type.compile(dialect).lower()) for c in event.columns]
    expected = [(column.name, column.type) for column in EVENT_COLUMNS]
    assert expected == [(name, short.get(type_, type_)) for name, type_ in declared]


def test_the_migrated_table_has_the_columns(conninfo: str) -> None:
    migrated = {row["attname"]: row["type"] for row in rows(conninfo, MIGRATED)}
    expected = {column.name: full_name(conninfo, column.type) for column in EVENT_COLUMNS}
    assert expected == migrated


def test_an_arrivals_row_brings_the_columns_that_the_database_does_not_make() -> None:
    device = Device(*(f"address {place}" for place in range(len(IDENTIFIERS))))  # type: ignore[arg-type] # any value will do
    status = Status(*(f"status {place}" for place in range(len(STATUS))))  # type: ignore[arg-type] # any value will do
    one = arrival()
    event = one.event._replace(device=device, status=status)
    [row] = orjson.loads(rows_of([one._replace(event=event)]))
    brought = {column.name for column in EVENT_COLUMNS if column.row_type is not None}
    assert {*brought, "arrival_id", "deliveries", "described"} == row.keys()
    said = row | row["described"]
    assert device._asdict() == {name: said[name] for name in IDENTIFIERS}
    assert status._asdict() == {name: said[name] for name in STATUS}


def test_a_row_leaves_out_what_few_events_have() -> None:
    [row] = orjson.loads(rows_of([arrival(device=Device("+999990000000001"))]))
    left_out = {"ipv4_public_address", "termination_reason", "described"}
    assert left_out.isdisjoint(row)


def test_the_select_list_has_a_column_for_every_part_of_a_stored_event() -> None:
    parts = {field.name for field in fields(StoredEvent)} - {"device", "status"}
    assert {*parts, *IDENTIFIERS, *STATUS} == {column.name for column in COLUMNS}


def test_the_reporting_view_offers_the_columns(conninfo: str) -> None:
    expected = {*NAMES, *COMPUTED} - INTERNAL - ADDRESSES
    assert expected == set(column(conninfo, REPORTED))
