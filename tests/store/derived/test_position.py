"""What is behind a position, whichever of both it is."""

import psycopg
import pytest

from receiver.store.derived.position import (
    BOUNDS,
    NOTHING_BEHIND,
    OVERLAP_SECONDS,
    read_bounds,
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
