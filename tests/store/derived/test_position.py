"""What is behind a position, whichever of both it is."""

import psycopg
import pytest

from receiver.store.derived.position import (
    BEGAN_LATELY,
    BOUNDS,
    LATELY,
    NOTHING_BEHIND,
    OVERLAP_SECONDS,
    RAN_THEN,
    STORED_SINCE,
    list_conditions,
    read_bounds,
    read_running,
)

ROW = """
INSERT INTO projection (
    position, position_at, system_identifier, epoch_at, derivation, derived_before
)
VALUES (%(position)s, now(), 1, '2026-01-01T00:00:00Z', 1, %(derived_before)s::timestamptz)
"""
QUESTION = f"SELECT {BOUNDS} FROM projection"  # noqa: S608 - composed of constants


def bounds_of(conninfo: str, position: str | None, derived_before: str | None) -> dict[str, str]:
    with psycopg.connect(conninfo, options="-c timezone=UTC") as connection:
        row = {"position": position, "derived_before": derived_before}
        connection.execute(ROW, row)
        found = connection.execute(QUESTION.encode()).fetchone()
    assert found is not None
    return read_bounds(found)


def test_the_bounds_of_a_snapshot_are_met_by_no_time(conninfo: str) -> None:
    assert bounds_of(conninfo, "7:9:7,8", None) == {
        "epoch_at": "2026-01-01 00:00:00+00",
        "xmax": "9",
        "running": "{7,8}",
        "since": NOTHING_BEHIND["since"],
    }


def test_the_bounds_of_a_time_are_met_by_no_transaction(conninfo: str) -> None:
    since = "2026-02-03 04:05:06.000007+00"
    assert bounds_of(conninfo, None, since) == {**NOTHING_BEHIND, "since": since}


def test_a_clock_that_was_set_back_takes_the_position_along(conninfo: str) -> None:
    found = bounds_of(conninfo, None, "2999-01-01 00:00:00+00")
    query = f"SELECT now() - %s::timestamptz >= interval '{OVERLAP_SECONDS} seconds'"
    with psycopg.connect(conninfo) as connection:
        assert connection.execute(query, [found["since"]]).fetchone() == (True,)


@pytest.mark.parametrize("both", [("7:9:", "2026-01-01T00:00:00Z"), (None, None)])
def test_there_is_one_position(conninfo: str, both: tuple[str | None, str | None]) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="projection_one_position"):
        bounds_of(conninfo, *both)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"running": "{}", "since": "infinity"}, (BEGAN_LATELY,)),
        ({"running": "{7}", "since": "infinity"}, (BEGAN_LATELY, RAN_THEN)),
        ({"running": "{}", "since": "2026-01-01 00:00:00+00"}, (STORED_SINCE,)),
    ],
)
def test_a_reader_looks_by_what_can_be_met_alone(
    bounds: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert list_conditions({**NOTHING_BEHIND, **bounds}) == expected


@pytest.mark.parametrize("days_ahead", [0, 200])
def test_a_reader_passes_over_no_month_for_a_clock_that_was_ahead(
    conninfo: str, days_ahead: int
) -> None:
    ahead = "UPDATE projection SET position_at = now() + make_interval(days => %s)"
    question = f"SELECT now() - ({LATELY}) = interval '1 day' FROM projection"  # noqa: S608
    with psycopg.connect(conninfo) as connection:
        connection.execute(ROW, {"position": "7:9:", "derived_before": None})
        connection.execute(ahead, [days_ahead])
        assert connection.execute(question.encode()).fetchone() == (True,)


@pytest.mark.parametrize(("position", "running"), [("7:9:7,8", {7, 8}), ("9:9:", set())])
def test_the_transactions_that_were_running_are_read_as_numbers(
    conninfo: str, position: str, running: set[int]
) -> None:
    assert read_running(bounds_of(conninfo, position, None)) == running
