"""What stands in the way of a distribution is named, with what to do about it."""

import psycopg
import pytest
from psycopg import sql

from receiver.store.connections.database import connect
from receiver.store.distribution.obstacles import (
    EXTENSION,
    FEED,
    NO_WORKERS,
    POOLED,
    find_obstacles,
)
from tests.support.cluster import MAKE_EXTENSION, SET_COORDINATOR, distributed, execute
from tests.support.pooler import transaction_pooler
from tests.support.store.logins import modest_login

READING = """
INSERT INTO projection (
    position, position_at, epoch_at, derivation, rebuilding, system_identifier
) VALUES (pg_current_snapshot()::text, now(), now(), 1, 1, 1)
"""


def found(conninfo: str) -> list[str]:
    with connect(conninfo) as connection:
        return [*find_obstacles(connection, conninfo)]


@pytest.mark.undistributed("it has the extension")
def test_a_single_server_lacks_the_extension(conninfo: str) -> None:
    assert found(conninfo) == [EXTENSION]


def test_a_database_that_is_not_migrated_is_to_be_migrated_first(empty_conninfo: str) -> None:
    [pending, lacking] = found(empty_conninfo)
    assert "run `receiver migrate --finish`" in pending
    assert lacking == EXTENSION


def test_a_pooler_is_in_the_way(conninfo: str) -> None:
    with transaction_pooler(conninfo) as pooled:
        assert POOLED in found(pooled)


def test_a_projector_that_reads_by_transactions_is_in_the_way(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(READING)
    assert FEED in found(conninfo)


def test_a_database_that_takes_no_writes_is_in_the_way(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert "the database is read-only, or a standby" in found(conninfo)


def test_a_login_that_does_not_own_the_tables_is_told_the_grant(conninfo: str) -> None:
    with modest_login(conninfo, "receiver_test_reads") as theirs:
        execute(
            conninfo, sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO receiver_test_reads")
        )
        assert any("the tables belong to" in line and "GRANT" in line for line in found(theirs))


@distributed
def test_a_cluster_is_free_of_obstacles_and_a_coordinator_alone_is_not(
    joined_conninfo: str, empty_conninfo: str
) -> None:
    assert found(joined_conninfo) == []
    execute(empty_conninfo, sql.SQL(MAKE_EXTENSION))
    with psycopg.connect(empty_conninfo, autocommit=True) as connection:
        connection.execute(SET_COORDINATOR, [connection.info.host, connection.info.port])
    assert NO_WORKERS in found(empty_conninfo)
