"""All tables share one metadata, and every database explains itself to those who read it."""

from datetime import datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path

import psycopg
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.schema import CreateTable

import receiver.store
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


# But for the one of the migrations, and partitions.
OWN_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND relname <> 'alembic_version'
"""


def rooms_with_tables() -> list[str]:
    """Returns the rooms of the store that own tables."""
    store = Path(receiver.store.__file__).parent
    return sorted(path.parent.name for path in store.glob("*/tables.py"))


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
    for module in ("schema.installation", *(f"{room}.tables" for room in rooms_with_tables())):
        import_module(f"receiver.store.{module}")
    tables = column(conninfo, OWN_TABLES)
    assert sorted(metadata.tables) == sorted(tables)
