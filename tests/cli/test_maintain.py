"""`receiver maintain`: the daily work, and what it says of it."""

import asyncio

import psycopg
import pytest

from tests.support.ageing import EVENTS, age_events, make_month
from tests.support.command_line import error_of, run
from tests.support.store.database import column
from tests.support.store.history import store
from tests.support.store.quarantine import fill_quarantine


def test_a_database_with_pending_migrations_is_refused(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    assert "run `receiver migrate` first" in error_of(run("maintain"))


def test_the_daily_work_is_done_once(monkeypatch: pytest.MonkeyPatch, conninfo: str) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    month = make_month(conninfo, 3)
    asyncio.run(store(conninfo, [event.arrival for event in EVENTS]))
    assert run("maintain").stdout == ""
    age_events(conninfo, 3)
    fill_quarantine(conninfo, 1000, "refused", rows=2)
    [last] = column(
        conninfo,
        "SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'event'::regclass",
    )
    with psycopg.connect(conninfo) as connection:
        connection.execute(f"DROP TABLE {last}".encode())
    monkeypatch.setenv("RECEIVER_RETENTION_MONTHS", "2")
    done = run("maintain")
    assert done.status == 0
    assert done.stdout.splitlines() == [
        f"made {last}",
        "deleted 2 entries of the quarantine",
        f"dropped {month}",
    ]
    assert run("maintain").stdout == ""
    assert column(conninfo, "SELECT count(*) FROM event_seed") == [str(len(EVENTS))]


def test_a_report_on_a_month_that_is_due_is_named(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    make_month(conninfo, 3)
    assert run("maintain").status == 0
    monkeypatch.setenv("RECEIVER_RETENTION_MONTHS", "1")
    with psycopg.connect(conninfo) as report:
        report.execute("SELECT count(*) FROM event")
        assert "a report reads a month that is to be dropped" in error_of(run("maintain"))
    assert run("maintain").status == 0
