"""Migrations are applied once, in their order, whoever runs them and however many at once."""

import shutil
import tempfile
import threading
from pathlib import Path

import psycopg
import pytest
from alembic import command

from receiver.errors import ConfigurationError, Unavailable
from receiver.postgres import embedded_postgres
from receiver.store.connections.engine import migration_engine
from receiver.store.schema import migrating
from receiver.store.schema.migrating import migrate
from receiver.store.schema.revisions import pending_migrations, revision_head
from tests.support.store.database import alembic_configuration, column


def test_the_tables_equal_the_migrations(conninfo: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.check(alembic_configuration(connection))


def test_up_down_and_up_again(empty_conninfo: str) -> None:
    migrate(empty_conninfo)
    with migration_engine(empty_conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "base")
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


def test_an_unreachable_database_is_said_so_without_its_password() -> None:
    with pytest.raises(Unavailable, match="cannot be reached") as refused:
        migrate("postgresql://receiver:s3cret-word@127.0.0.1:1/receiver")
    assert "s3cret-word" not in str(refused.value)
    assert "\n" not in str(refused.value)


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


def test_a_replica_that_waits_too_long_for_another_is_refused(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as other:
        assert other.execute(migrating.TRY_LOCK).fetchone() == (True,)
        with pytest.raises(ConfigurationError, match="migrating for too long"):
            migrate(conninfo, lock_timeout_seconds=0)
