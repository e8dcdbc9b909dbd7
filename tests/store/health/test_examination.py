"""The examination tells what the server is really set to, and changes nothing."""

from datetime import timedelta

import pytest
from psycopg import sql

from receiver.store.connections.database import connect
from receiver.store.health import examination


@pytest.mark.parametrize("seconds", [-90, 0, 90])
def test_the_clock_is_compared_with_the_databases(
    conninfo: str, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    ahead = timedelta(seconds=seconds)
    now = f"SELECT clock_timestamp() + interval '{ahead.total_seconds()} s'"
    monkeypatch.setattr(examination, "NOW", now)
    with connect(conninfo) as connection:
        assert examination.clock_difference(connection) == pytest.approx(seconds, abs=2)


def test_half_of_the_round_trip_is_not_taken_for_a_difference(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "SELECT clock_timestamp() FROM pg_sleep(0.4)"
    monkeypatch.setattr(examination, "NOW", slow)
    with connect(conninfo) as connection:
        assert examination.clock_difference(connection) == pytest.approx(0, abs=0.3)


def test_durability_is_that_of_our_own_login(conninfo: str) -> None:
    with connect(conninfo) as connection:
        database = sql.Identifier(connection.info.dbname)
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database)
        )
    with connect(conninfo) as connection:
        found = examination.durability(connection)
    assert set(found) == {"fsync", "full_page_writes", "synchronous_commit"}
    assert found["synchronous_commit"] == "off"
    assert found["full_page_writes"] == "on"


def test_the_reporting_role_may_use_the_views_until_that_is_revoked(conninfo: str) -> None:
    with connect(conninfo) as connection:
        assert examination.reporting_is_granted(connection) is True
        connection.execute("REVOKE USAGE ON SCHEMA reporting FROM receiver_reporting")
        assert examination.reporting_is_granted(connection) is False


def test_a_missing_role_is_told_from_a_role_without_rights(
    empty_conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = examination.REPORTING_GRANTED.replace("receiver_reporting", "nobody at all")
    with connect(empty_conninfo) as connection:
        monkeypatch.setattr(examination, "REPORTING_GRANTED", nobody)
        assert examination.reporting_is_granted(connection) is None
