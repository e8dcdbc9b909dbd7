"""The script of pending migrations makes what they make, and changes nothing by itself."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic import command
from psycopg.conninfo import make_conninfo

from receiver.errors import ConfigurationError
from receiver.postgres.binaries import installed_binaries
from receiver.store.connections.engine import migration_engine
from receiver.store.events.ingest import Ingest
from receiver.store.schema.migrating import migrate
from receiver.store.schema.partitions import ensure_partitions
from receiver.store.schema.revisions import (
    OLDEST_SERVED,
    is_for_last,
    known_revisions,
    pending_migrations,
    revision_head,
)
from receiver.store.schema.scripting import compose_script
from tests.support.arrivals import arrival
from tests.support.documented import documented
from tests.support.store.database import alembic_configuration, column
from tests.support.urls import url_of

LAST = [revision for revision in known_revisions() if is_for_last(revision)]

# Everything that a schema is made of: names, definitions, rights, comments and settings.
SCHEMA = """
WITH ours AS (
    SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'reporting')
)
SELECT concat_ws('|', relnamespace::regnamespace, relname, relkind, reloptions, relacl,
    obj_description(pg_class.oid, 'pg_class'),
    CASE WHEN relkind = 'v' THEN pg_get_viewdef(pg_class.oid) END,
    CASE WHEN relkind IN ('i', 'I') THEN pg_get_indexdef(pg_class.oid) END,
    pg_get_expr(relpartbound, pg_class.oid))
FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours)
UNION ALL
SELECT concat_ws('|', attrelid::regclass, attname, atttypid::regtype, attnotnull, attstorage,
    attcompression, pg_get_expr(adbin, adrelid),
    CASE WHEN NOT relispartition THEN col_description(attrelid, attnum) END)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace IN (SELECT oid FROM ours) AND attnum > 0 AND NOT attisdropped
UNION ALL
SELECT concat_ws('|', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid))
FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)
UNION ALL
SELECT concat_ws('|', pg_get_functiondef(oid), proacl, obj_description(oid, 'pg_proc'))
FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
UNION ALL
SELECT concat_ws('|', nspname, nspacl) FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)
ORDER BY 1
"""
IDENTITIES = "SELECT to_jsonb(event_identity) FROM event_identity ORDER BY digest"
EVENTS = "SELECT to_jsonb(event) FROM reporting.event ORDER BY event_id"

REVISIONS = [
    pytest.param(revision, marks=() if revision in ("0001", "0004", "0021") else pytest.mark.long)
    for revision in known_revisions()[:-1]
]


PRINT_AND_RUN = documented("docs/operating.md", "sh", "receiver migrate --sql")


def run_script(conninfo: str, text: str) -> str:
    """Runs a script as its head says; returns what was said of it."""
    psql = installed_binaries().bin_dir / "psql"
    ended = subprocess.run(
        [psql, "-X", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", conninfo],
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stderr


def test_a_script_makes_of_an_empty_database_what_migrations_make(
    conninfo: str, empty_conninfo: str
) -> None:
    script = compose_script(empty_conninfo, spares_older=True)
    assert column(empty_conninfo, "SELECT to_regclass('event')") == ["None"]
    assert compose_script(None, spares_older=True) == script
    assert (script.revisions, script.left) == ([*known_revisions()], [])
    assert run_script(empty_conninfo, script.text) == ""
    assert pending_migrations(empty_conninfo) == []
    # The service makes the months, at each of its starts.
    ensure_partitions(empty_conninfo)
    assert column(empty_conninfo, SCHEMA) == column(conninfo, SCHEMA)


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_script_makes_of_an_earlier_revision_what_migrations_make(
    conninfo: str, ingest: Ingest, revision: str
) -> None:
    await ingest.commit([arrival(1), arrival(1), arrival(2)])
    schema, identities, events = (
        column(conninfo, question) for question in (SCHEMA, IDENTITIES, EVENTS)
    )
    assert len(events) == 2
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), revision)
    script = compose_script(conninfo, spares_older=False)
    assert script.revisions == pending_migrations(conninfo)
    run_script(conninfo, script.text)
    assert pending_migrations(conninfo) == []
    assert column(conninfo, SCHEMA) == schema
    assert column(conninfo, IDENTITIES) == identities
    assert column(conninfo, EVENTS) == events


def test_the_last_ones_are_in_it_when_they_are_asked_for(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0019")
    script = compose_script(conninfo, spares_older=True)
    assert (script.revisions[-1], script.left) == (OLDEST_SERVED, LAST)
    run_script(conninfo, script.text)
    assert pending_migrations(conninfo) == LAST
    assert compose_script(conninfo, spares_older=True).text == ""
    whole = compose_script(conninfo, spares_older=False)
    assert (whole.revisions, whole.left) == (LAST, [])
    run_script(conninfo, whole.text)
    assert compose_script(conninfo, spares_older=False).revisions == []
    assert migrate(conninfo) == []


def test_a_script_that_was_stopped_is_followed_by_one_of_the_rest(empty_conninfo: str) -> None:
    script = compose_script(empty_conninfo, spares_older=True)
    first, mark, _ = script.text.partition("-- Running upgrade 0003 -> 0004")
    assert mark
    run_script(empty_conninfo, first)
    rest = compose_script(empty_conninfo, spares_older=False)
    assert (rest.revisions[0], rest.revisions[-1]) == ("0004", revision_head())
    run_script(empty_conninfo, rest.text)
    assert pending_migrations(empty_conninfo) == []


def test_a_login_without_rights_gets_the_script_of_what_it_may_not_do(
    empty_conninfo: str,
) -> None:
    with psycopg.connect(empty_conninfo, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS only_looks")
        connection.execute("CREATE ROLE only_looks LOGIN")
    try:
        looking = make_conninfo(empty_conninfo, user="only_looks")
        with pytest.raises(ConfigurationError):
            migrate(looking)
        assert compose_script(looking, spares_older=True).revisions == [*known_revisions()]
    finally:
        with psycopg.connect(empty_conninfo, autocommit=True) as connection:
            connection.execute("DROP ROLE only_looks")


def test_the_page_of_operating_prints_and_runs_it(empty_conninfo: str, tmp_path: Path) -> None:
    [block] = PRINT_AND_RUN
    places = (Path(sys.executable).parent, os.environ["PATH"], installed_binaries().bin_dir)
    ended = subprocess.run(
        ["bash", "-euc", block.text],  # noqa: S607 - as a reader runs it
        cwd=tmp_path,
        env={"PATH": os.pathsep.join(map(str, places)), "DATABASE_URL": url_of(empty_conninfo)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert pending_migrations(empty_conninfo) == []


def test_the_tables_are_in_the_schema_that_the_url_chooses(empty_conninfo: str) -> None:
    with psycopg.connect(empty_conninfo) as connection:
        connection.execute("CREATE SCHEMA tenant")
    chosen = make_conninfo(empty_conninfo, options="-c search_path=tenant")
    run_script(empty_conninfo, compose_script(chosen, spares_older=True).text)
    assert pending_migrations(chosen) == []
    assert column(empty_conninfo, "SELECT to_regclass('tenant.event')") == ["tenant.event"]


def test_of_a_newer_release_there_is_none(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    with pytest.raises(ConfigurationError, match="newer release"):
        compose_script(conninfo, spares_older=True)
