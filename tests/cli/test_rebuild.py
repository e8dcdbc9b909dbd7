"""`receiver rebuild`: what was derived wrongly is right again, and its progress is told."""

import asyncio

import psycopg
import pytest

from receiver.store.derived.derivation import DERIVATION
from tests.support.arrivals import arrival
from tests.support.command_line import error_of, run
from tests.support.store.database import column, rows
from tests.support.store.history import store

DERIVED = "SELECT device_status::text FROM device_status ORDER BY device_id, axis"
SPOIL = "UPDATE device_status SET value = 'wrong', effective_at = 'infinity'"


def test_a_database_with_pending_migrations_is_refused(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    assert "run `receiver migrate` first" in error_of(run("rebuild"))


@pytest.mark.parametrize(("feed", "is_time"), [("snapshot", "False"), ("overlap", "True")])
def test_what_was_derived_wrongly_is_right_again(
    monkeypatch: pytest.MonkeyPatch, conninfo: str, feed: str, is_time: str
) -> None:
    monkeypatch.setenv("RECEIVER_FEED", feed)
    monkeypatch.setenv("DATABASE_URL", conninfo)
    asyncio.run(store(conninfo, [arrival(number) for number in range(20)]))
    first = run("rebuild")
    assert (first.status, first.stdout) == (0, "all devices are derived anew\n")
    assert first.stderr.splitlines()[-1] == "100% of the devices"
    derived = rows(conninfo, DERIVED)
    assert derived != []
    assert column(conninfo, "SELECT position IS NULL FROM projection") == [is_time]
    with psycopg.connect(conninfo) as connection:
        connection.execute(SPOIL)
    assert rows(conninfo, DERIVED) != derived
    assert run("rebuild").status == 0
    assert rows(conninfo, DERIVED) == derived


def test_a_newer_derivation_is_left_to_its_release(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    assert run("rebuild").status == 0
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE projection SET derivation = %s", [DERIVATION + 1])
    assert "a newer release derived the answers" in error_of(run("rebuild"))


def test_an_older_release_takes_over_what_a_newer_one_derived_when_it_is_told(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    asyncio.run(store(conninfo, [arrival(number) for number in range(20)]))
    assert run("rebuild").status == 0
    derived = rows(conninfo, DERIVED)
    with psycopg.connect(conninfo) as connection:
        connection.execute(SPOIL)
        connection.execute(
            "UPDATE projection SET derivation = %s, rebuilding = %s",
            [DERIVATION + 1, DERIVATION + 2],
        )
    # What came since is derived, too.
    asyncio.run(store(conninfo, [arrival(20)]))
    assert run("rebuild", "--take-over").status == 0
    taken = rows(conninfo, DERIVED)
    assert taken != derived
    assert column(conninfo, "SELECT derivation FROM projection") == [str(DERIVATION)]
    assert run("rebuild").status == 0
    assert rows(conninfo, DERIVED) == taken
