"""All tables share one metadata, and every database explains itself to those who read it."""

from datetime import datetime, timedelta, timezone
from importlib import import_module

import psycopg
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.schema import CreateTable

from receiver.store.schema.metadata import Timestamp, TransactionId, metadata
from tests.support.store.database import column

UNCOMMENTED = """
SELECT c.relname || coalesce('.' || a.attname, '')
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname IN ('public', 'reporting') AND c.relkind IN ('r', 'p', 'v')
  AND c.relname <> 'alembic_version'
  AND (obj_description(c.oid, 'pg_class') IS NULL
       OR col_description(c.oid, a.attnum) IS NULL)
"""


def test_every_table_column_and_view_carries_a_comment(conninfo: str) -> None:
    assert column(conninfo, UNCOMMENTED) == []


def test_the_types_of_tables_keep_a_whole_transaction_id_and_a_time_of_any_zone(
    conninfo: str,
) -> None:
    table = Table("sample", MetaData(), Column("xact", TransactionId), Column("at", Timestamp))
    create = CreateTable(table).compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]
    at = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with psycopg.connect(conninfo) as connection:
        connection.execute(str(create))
        connection.execute("INSERT INTO sample VALUES ('18446744073709551615', %s)", [at])
        stored = connection.execute("SELECT xact::text, at FROM sample").fetchall()
    assert stored == [("18446744073709551615", at)]


def test_every_declared_table_is_one_of_the_database(conninfo: str) -> None:
    for module in ("credentials.tables", "events.tables", "quarantine.tables"):
        import_module(f"receiver.store.{module}")
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert metadata.tables
    assert set(metadata.tables) <= set(column(conninfo, f"{tables} AND relkind IN ('r', 'p')"))
