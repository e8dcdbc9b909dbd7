"""The partitions of `event` are made ahead of time, and stop nobody meanwhile."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from receiver.errors import Unavailable
from receiver.store.schema import partitions
from receiver.store.schema.partitions import (
    CREATE,
    MONTHS_AHEAD,
    Coverage,
    ensure_partitions,
    is_partition,
    later,
    make_partitions_ahead,
    partition_name,
    read_coverage,
    tell_clock,
)
from tests.support.store.database import PARTITIONS, column

DECEMBER = date(2026, 12, 1)


def test_partitions_are_made_three_months_ahead_and_only_once(conninfo: str) -> None:
    attached = column(conninfo, PARTITIONS)
    [today] = column(conninfo, "SELECT (now() AT TIME ZONE 'UTC')::date")
    month = date.fromisoformat(today).replace(day=1)
    assert sorted(attached) == [partition_name(later(month, ahead)) for ahead in range(4)]
    assert ensure_partitions(conninfo) == []
    assert ensure_partitions(conninfo, months_ahead=4) == [partition_name(later(month, 4))]


def test_a_month_that_was_detached_by_hand_is_attached_again_with_its_events(
    conninfo: str,
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        name = partition_name(read_coverage(connection).month)
        connection.execute(f"ALTER TABLE event DETACH PARTITION {name}")
        assert ensure_partitions(conninfo) == [name]
        assert read_coverage(connection).missing() == []


def test_each_command_is_sent_by_itself() -> None:
    assert not [command for command in CREATE if ";" in command]


def test_making_a_partition_does_not_wait_for_an_open_report(conninfo: str) -> None:
    with psycopg.connect(conninfo) as report:
        report.execute("SELECT count(*) FROM event")
        assert len(ensure_partitions(conninfo, months_ahead=5)) == 2


def test_partitions_that_cannot_be_made_are_unavailable_in_bounded_time(conninfo: str) -> None:
    with psycopg.connect(conninfo) as blocker:
        blocker.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Unavailable, match="55P03"):
            ensure_partitions(conninfo, months_ahead=4)


async def test_a_database_that_falls_silent_is_let_go_of(
    conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "LIMIT_SECONDS", 0.2)
    # What is silent keeps to no limit of its own.
    monkeypatch.setattr(partitions, "LIMIT_WAIT", "SET LOCAL lock_timeout = 0")
    with psycopg.connect(conninfo) as blocker:
        blocker.execute("SELECT pg_advisory_xact_lock(hashtext('receiver partitions'))")
        with pytest.raises(Unavailable, match="the connection was lost"):
            await make_partitions_ahead(conninfo)
    monkeypatch.setattr(partitions, "NOW", "SELECT now() FROM pg_sleep(50)")
    with pytest.raises(Unavailable):
        await make_partitions_ahead(conninfo)


def test_a_partition_refuses_no_event_of_its_month_and_takes_no_other(conninfo: str) -> None:
    bounds = """
        SELECT pg_get_expr(relpartbound, oid) FROM pg_class
        WHERE oid = %s::regclass
    """
    with psycopg.connect(conninfo) as connection:
        month = read_coverage(connection).month
        [(found,)] = connection.execute(bounds, [partition_name(month)]).fetchall()
    assert f"FROM ('{month} 00:00:00+00') TO ('{later(month, 1)} 00:00:00+00')" in found


def test_a_database_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        ensure_partitions("postgresql://receiver@127.0.0.1:1/receiver")


def test_the_coverage_is_what_the_database_says(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        [(today,)] = connection.execute("SELECT (now() AT TIME ZONE 'UTC')::date").fetchall()
        month = today.replace(day=1)
        found = read_coverage(connection)
        assert (found.month, found.months_ahead, found.missing()) == (month, MONTHS_AHEAD, [])
        connection.execute(f"ALTER TABLE event DETACH PARTITION {partition_name(later(month, 2))}")
        found = read_coverage(connection)
        assert found.months_ahead == 1
        assert found.missing() == [partition_name(later(month, 2))]


@pytest.mark.undistributed("nothing is detached concurrently there")
def test_a_partition_whose_detachment_was_interrupted_takes_no_events(conninfo: str) -> None:
    with psycopg.connect(conninfo) as report, psycopg.connect(conninfo, autocommit=True) as other:
        report.execute("SELECT count(*) FROM event")
        last = partition_name(later(read_coverage(other).month, MONTHS_AHEAD))
        other.execute("SET statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            other.execute(f"ALTER TABLE event DETACH PARTITION {last} CONCURRENTLY")
        assert read_coverage(other).missing() == [last]


@pytest.mark.parametrize(
    ("attached", "ahead"),
    [
        (set(), -1),
        ({"event_2026_11"}, -1),
        ({"event_2026_12"}, 0),
        ({"event_2026_12", "event_2027_01"}, 1),
        ({"event_2026_12", "event_2027_02"}, 0),
    ],
)
def test_months_are_ahead_as_far_as_there_is_no_gap(attached: set[str], ahead: int) -> None:
    assert Coverage(DECEMBER, frozenset(attached)).months_ahead == ahead


def test_missing_partitions_are_named_across_the_turn_of_the_year() -> None:
    november = Coverage(date(2026, 11, 1), frozenset({"event_2026_12"}))
    assert november.missing(2) == ["event_2026_11", "event_2027_01"]


@pytest.mark.parametrize(
    ("months", "month"),
    [(0, DECEMBER), (1, date(2027, 1, 1)), (12, date(2027, 12, 1)), (14, date(2028, 2, 1))],
)
def test_a_later_month_begins_at_its_first_day(months: int, month: date) -> None:
    assert later(DECEMBER, months) == month


@pytest.mark.parametrize(
    ("difference", "told"),
    [
        (timedelta(hours=23), None),
        (timedelta(hours=-23), None),
        (timedelta(days=200, hours=1), "200 days ahead of"),
        (timedelta(days=-31), "31 days behind"),
    ],
)
def test_a_clock_that_is_days_wrong_is_told_in_a_sentence(
    difference: timedelta, told: str | None
) -> None:
    ours = datetime(2026, 11, 26, tzinfo=UTC)
    sentence = tell_clock(ours + difference, ours)
    if told is None:
        assert sentence is None
    else:
        assert sentence == f"the clock of the database is {told} the clock of this machine"


@pytest.mark.parametrize("table", ["event", "event_identity", "event_2026_1", "event_2026_01_old"])
def test_no_other_table_is_taken_for_a_partition(table: str) -> None:
    assert is_partition(partition_name(DECEMBER))
    assert not is_partition(table)
