"""Alembic runs migrations up and down; what Postgres refuses is an error of ours."""

import pytest

from receiver.errors import Unavailable
from receiver.store.connections.database import session
from receiver.store.schema.revisions import read_revision
from receiver.store.schema.running import run


def revision(conninfo: str) -> str | None:
    with session(conninfo) as connection:
        return read_revision(connection)


def test_migrations_run_up_and_down(empty_conninfo: str) -> None:
    assert run(empty_conninfo, "upgrade", "0002")
    assert revision(empty_conninfo) == "0002"
    assert run(empty_conninfo, "downgrade", "0001")
    assert revision(empty_conninfo) == "0001"


def test_a_migration_that_fails_is_named_by_its_sqlstate(empty_conninfo: str) -> None:
    with session(empty_conninfo) as connection:
        connection.execute("CREATE TABLE event ()")
    with pytest.raises(Unavailable, match="SQLSTATE 42P07"):
        run(empty_conninfo, "upgrade", "0001")
    assert revision(empty_conninfo) is None


def test_a_lock_that_is_not_to_be_had_leaves_the_rest(empty_conninfo: str) -> None:
    run(empty_conninfo, "upgrade", "0001")
    with session(empty_conninfo) as other:
        other.autocommit = False
        other.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
        assert not run(empty_conninfo, "upgrade", "0002")
    assert revision(empty_conninfo) == "0001"
