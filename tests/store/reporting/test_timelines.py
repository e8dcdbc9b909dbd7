"""The views and functions of what was when, and the views that they are made of."""

import re
from pathlib import Path

import psycopg
import pytest
from alembic import command
from psycopg import sql

import receiver
from receiver.events.axes import NAMES, TELLERS, WAYS_OUT
from receiver.events.registry import FAMILIES, list_synonyms
from receiver.projection.subscriptions.registration import Registration, read_registered
from receiver.store.connections.engine import migration_engine
from receiver.store.events.ingest import Ingest
from receiver.store.schema.migrating import migrate
from receiver.store.timelines.intervals import write_bits
from tests.support.arrivals import arrival
from tests.support.facts import NOON
from tests.support.registered import store_registrations
from tests.support.store.database import alembic_configuration, column

REPORTING = Path(receiver.__file__).parent / "store" / "reporting"


@pytest.mark.parametrize(
    "view", sorted((REPORTING / "internal").glob("*.sql")), ids=lambda path: path.stem
)
def test_the_living_internal_view_is_the_migrated_one(view: Path, conninfo: str) -> None:
    migrated = column(conninfo, f"SELECT pg_get_viewdef('{view.stem}'::regclass)")
    living = view.read_text().replace(f"CREATE VIEW {view.stem} AS", "CREATE TEMP VIEW living AS")
    with psycopg.connect(conninfo) as connection:
        connection.execute(living)
        found = connection.execute("SELECT pg_get_viewdef('living'::regclass)").fetchall()
    assert [row[0] for row in found] == migrated


@pytest.mark.parametrize(
    "function", sorted((REPORTING / "functions").glob("*.sql")), ids=lambda path: path.stem
)
def test_the_living_function_is_the_migrated_one(function: Path, conninfo: str) -> None:
    defined = f"SELECT pg_get_functiondef('reporting.{function.stem}'::regproc)"
    migrated = column(conninfo, defined)
    living = function.read_text().replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    with psycopg.connect(conninfo) as connection:
        connection.execute(living)
        found = connection.execute(defined).fetchall()
    assert [row[0] for row in found] == migrated


def test_the_ways_out_are_those_of_the_axes(conninfo: str) -> None:
    expected: list[tuple[str, str | None, str | None, int]] = [
        (axis.value, None, None, write_bits(names)) for axis, names in TELLERS.items()
    ]
    for way in WAYS_OUT:
        own = [one.value for one in WAYS_OUT if one.axis is way.axis and one.value is not None]
        assert way.value is not None or len(own) <= 1
        others = own[0] if way.value is None and own else None
        expected.append((way.axis.value, way.value, others, write_bits(way.names)))
    with psycopg.connect(conninfo) as connection:
        found = connection.execute("SELECT * FROM way_out").fetchall()
    assert sorted(map(repr, expected)) == sorted(map(repr, found))


EVENT_NAMES = sorted(
    {name for family in FAMILIES for name in (*family.meanings, *family.legacy_meanings)}
    | {same for name in NAMES for same in list_synonyms(name)}
)
SPELLINGS = [
    spelling
    for name in EVENT_NAMES
    for capital in (name.upper().replace("-", "_"),)
    for spelling in (
        name,
        f"org.camaraproject.example-subscriptions.v0.{name}",
        f"org.camaraproject.example.v0.{capital}",
        capital,
        name.title(),
        f"{name}.",
        f"{name}.other",
        f"other-{name}",
        f"{name} ",
        f"a\n.{name}",
        f"{name}\n",
    )
]
TYPES = [(), *((spelling,) for spelling in SPELLINGS), ("", "."), tuple(SPELLINGS), (*NAMES, "x")]


def test_registered_types_are_the_same_names_in_a_view(conninfo: str) -> None:
    told = {str(number): Registration(NOON, types=types) for number, types in enumerate(TYPES)}
    expected = {key: write_bits(read_registered(one).names) for key, one in told.items()}
    assert set(expected.values()) >= {1 << bit for bit in range(len(NAMES))}
    with psycopg.connect(conninfo) as connection:
        store_registrations(connection, told)
        found = connection.execute("SELECT subscription_id, names FROM registered_span").fetchall()
    assert {key: (told[key].types, bits) for key, bits in found} == {
        key: (told[key].types, bits) for key, bits in expected.items()
    }


NEW = """
SELECT attrelid::regclass::text || '.' || attname FROM pg_attribute
WHERE attrelid IN (
    SELECT oid FROM pg_class WHERE relkind = 'v'
        AND relnamespace IN ('reporting'::regnamespace, current_schema()::regnamespace)
) AND col_description(attrelid, attnum) IS NULL
"""


def test_every_column_of_a_view_is_explained(conninfo: str) -> None:
    assert column(conninfo, f"{NEW} AND attrelid <> 'reporting.finding'::regclass") == []


def test_analysts_read_the_reported_views_and_nothing_else(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET ROLE receiver_reporting")
        for path in REPORTING.glob("*.sql"):
            connection.execute(
                sql.SQL("SELECT * FROM reporting.{}").format(sql.Identifier(path.stem))
            )
        for call in (
            "intervals('roaming', '2026-01-01', '2026-02-01')",
            "availability('2026-01-01', '2026-02-01')",
        ):
            connection.execute(sql.SQL("SELECT * FROM reporting.") + sql.SQL(call))
        for table in ("event", "axis_interval", "device_member"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))


def test_functions_look_nowhere_but_where_they_were_made(conninfo: str) -> None:
    settings = "SELECT proconfig::text FROM pg_proc WHERE pronamespace = 'reporting'::regnamespace"
    for configuration in column(conninfo, settings):
        assert re.search("search_path=pg_catalog, pg_temp", configuration)


DEFINED = """
SELECT relname || ': ' || pg_get_viewdef(pg_class.oid) || obj_description(pg_class.oid)
    || has_table_privilege('receiver_reporting', pg_class.oid, 'SELECT')
FROM pg_class
WHERE relkind = 'v' AND relnamespace IN (
    'reporting'::regnamespace, current_schema()::regnamespace
)
UNION ALL
SELECT pg_get_functiondef(oid) || obj_description(oid)
    || has_function_privilege('receiver_reporting', oid, 'EXECUTE')
FROM pg_proc WHERE pronamespace = 'reporting'::regnamespace
ORDER BY 1
"""


async def test_views_and_functions_come_and_go_around_stored_events(
    conninfo: str, ingest: Ingest
) -> None:
    await ingest.commit([arrival(1), arrival(2)])
    defined = column(conninfo, DEFINED)
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0008")
    functions = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'reporting'::regnamespace"
    assert column(conninfo, functions) == ["0"]
    assert column(conninfo, "SELECT to_regclass('axis_interval')") == ["None"]
    migrate(conninfo)
    assert column(conninfo, DEFINED) == defined
    assert column(conninfo, "SELECT count(*) FROM reporting.event") == ["2"]


async def test_without_registrations_the_views_are_what_they_were(
    conninfo: str, ingest: Ingest
) -> None:
    await ingest.commit([arrival(1), arrival(2)])
    with psycopg.connect(conninfo) as connection:
        store_registrations(connection, {"s-1": Registration(NOON, types=NAMES)})
    defined = column(conninfo, DEFINED)
    with migration_engine(conninfo).connect() as connection_down:
        configuration = alembic_configuration(connection_down)
        command.downgrade(configuration, "0009")
        after = column(conninfo, DEFINED)
        command.downgrade(configuration, "0008")
        command.upgrade(configuration, "0009")
    assert after == column(conninfo, DEFINED)
    assert not [one for one in after if "registered" in one]
    migrate(conninfo)
    assert column(conninfo, DEFINED) == defined
