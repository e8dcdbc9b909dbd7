"""Migrations, partitions, comments and the reporting view."""

import shutil
import tempfile
import threading
from datetime import date
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import receiver
from receiver.errors import ConfigurationError, Unavailable
from receiver.postgres import embedded_postgres
from receiver.store.connections.engine import migration_engine
from receiver.store.schema.migrating import migrate
from receiver.store.schema.partitions import (
    ensure_partitions,
    later,
    missing_partitions,
    partition_name,
)
from receiver.store.schema.revisions import known_revisions, pending_migrations, revision_head
from tests.support.paths import ROOT

VIEWS = Path(receiver.__file__).parent / "store" / "reporting"

ATTACHED = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'event'::regclass"

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


def column(conninfo: str, query: str) -> list[str]:
    with psycopg.connect(conninfo) as connection:
        return [str(row[0]) for row in connection.execute(query).fetchall()]


def alembic(connection: Connection) -> Config:
    configuration = Config(ROOT / "alembic.ini")
    configuration.attributes["connection"] = connection
    return configuration


def test_every_table_column_and_view_carries_a_comment(conninfo: str) -> None:
    assert column(conninfo, UNCOMMENTED) == []


def test_the_tables_equal_the_migrations(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.check(alembic(connection))


def test_up_down_and_up_again(empty_conninfo: str) -> None:
    migrate(empty_conninfo)
    with migration_engine(empty_conninfo).connect() as connection:
        command.downgrade(alembic(connection), "base")
    left = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert column(empty_conninfo, f"{left} AND relname NOT LIKE 'alembic%'") == []
    assert pending_migrations(empty_conninfo)[-1] == revision_head()
    migrate(empty_conninfo)
    assert pending_migrations(empty_conninfo) == []


def test_pending_migrations_are_named_and_applied_in_their_order(empty_conninfo: str) -> None:
    pending = pending_migrations(empty_conninfo)
    assert pending[0] == "0001"
    assert migrate(empty_conninfo) == pending
    assert migrate(empty_conninfo) == []


def test_the_names_of_the_migrations_tell_their_order(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        scripts = ScriptDirectory.from_config(alembic(connection)).walk_revisions()
        assert [script.revision for script in scripts] == [*reversed(known_revisions())]


def test_replicas_migrate_at_once_and_one_of_them_does_it(empty_conninfo: str) -> None:
    applied: list[list[str]] = []
    replicas = [
        threading.Thread(target=lambda: applied.append(migrate(empty_conninfo))) for _ in range(3)
    ]
    for replica in replicas:
        replica.start()
    for replica in replicas:
        replica.join()
    assert [len(revisions) > 0 for revisions in sorted(applied)] == [False, False, True]


def test_a_database_of_a_newer_release_is_refused(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    with pytest.raises(ConfigurationError, match="newer release"):
        pending_migrations(conninfo)


def test_an_unreachable_database_is_said_so_without_its_password() -> None:
    with pytest.raises(Unavailable, match="cannot be reached") as refused:
        migrate("postgresql://receiver:s3cret-word@127.0.0.1:1/receiver")
    assert "s3cret-word" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("view", sorted(VIEWS.glob("*.sql")), ids=lambda path: path.stem)
def test_the_living_view_is_the_migrated_one(view: Path, conninfo: str) -> None:
    definition = f"SELECT pg_get_viewdef('reporting.{view.stem}'::regclass)"
    migrated = column(conninfo, definition)
    with psycopg.connect(conninfo) as connection:
        connection.execute(f"DROP VIEW reporting.{view.stem}")
        connection.execute(view.read_text())
        [living] = connection.execute(definition).fetchall()
    assert list(living) == migrated


def test_a_login_that_may_not_create_roles_migrates_and_says_what_an_administrator_runs(
    capfd: pytest.CaptureFixture[str],
) -> None:
    home = Path(tempfile.mkdtemp(prefix="dsr-"))
    home.chmod(0o755)
    try:
        with embedded_postgres(home / "data") as fresh:
            with psycopg.connect(fresh.conninfo, autocommit=True) as connection:
                connection.execute("CREATE ROLE modest LOGIN")
                connection.execute("CREATE DATABASE modest OWNER modest")
            server = fresh.conninfo.replace("//receiver@/receiver", "//{}@/modest")
            migrate(server.format("modest"))
            printed = capfd.readouterr().err
            commands = printed[printed.index("CREATE ROLE") :]
            with psycopg.connect(server.format("receiver"), autocommit=True) as connection:
                connection.execute(commands)
                connection.execute("SET ROLE receiver_reporting")
                assert connection.execute("SELECT * FROM reporting.event").fetchall() == []
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("SELECT * FROM event")
    finally:
        shutil.rmtree(home)


def test_partitions_are_made_three_months_ahead_and_only_once(conninfo: str) -> None:
    attached = column(conninfo, ATTACHED)
    [today] = column(conninfo, "SELECT (now() AT TIME ZONE 'UTC')::date")
    month = date.fromisoformat(today).replace(day=1)
    assert sorted(attached) == [partition_name(later(month, ahead)) for ahead in range(4)]
    assert ensure_partitions(conninfo) == []
    assert ensure_partitions(conninfo, months_ahead=4) == [partition_name(later(month, 4))]


def test_making_a_partition_does_not_wait_for_an_open_report(conninfo: str) -> None:
    with psycopg.connect(conninfo) as report:
        report.execute("SELECT count(*) FROM event")
        assert len(ensure_partitions(conninfo, months_ahead=5)) == 2


def test_partitions_that_cannot_be_made_are_unavailable_in_bounded_time(conninfo: str) -> None:
    with psycopg.connect(conninfo) as blocker:
        blocker.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Unavailable, match="55P03"):
            ensure_partitions(conninfo, months_ahead=4)


def test_missing_partitions_are_named_across_the_turn_of_the_year() -> None:
    assert missing_partitions({"event_2026_12"}, date(2026, 11, 1), 2) == [
        "event_2026_11",
        "event_2027_01",
    ]
