"""Two clocks decide on an expiry: it is past once both say so, and never later than that."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from receiver.store.credentials.clock import (
    DIFFERENCE_SECONDS,
    WARN_EVERY_SECONDS,
    DatabaseClock,
)

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOURS = st.timedeltas(timedelta(days=-400), timedelta(days=400))


class Time:
    """A timer that a test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_clock_that_was_never_read_decides_nothing() -> None:
    clock = DatabaseClock(Time())
    assert (clock.now(), clock.earlier(NOON), clock.later(NOON)) == (None, NOON, NOON)


@given(HOURS, HOURS)
def test_the_clock_of_the_database_goes_on_whatever_becomes_of_the_machine_s(
    difference: timedelta, jump: timedelta
) -> None:
    time = Time()
    clock = DatabaseClock(time)
    clock.note(NOON + difference, NOON)
    time.seconds += 30
    theirs, ours = NOON + difference + timedelta(seconds=30), NOON + jump
    assert clock.now() == theirs
    assert (clock.earlier(ours), clock.later(ours)) == (min(ours, theirs), max(ours, theirs))
    # What both take for past is past, and one that is behind delays that by the difference.
    assert abs(theirs - clock.earlier(ours)) <= abs(theirs - ours)


def test_clocks_that_differ_are_told_once_an_hour_and_anew_when_they_differ_again() -> None:
    time = Time()
    clock = DatabaseClock(time)
    apart = timedelta(seconds=DIFFERENCE_SECONDS)

    def told(*differences: timedelta) -> list[int]:
        with capture_logs() as logs:
            for difference in differences:
                clock.note(NOON + difference, NOON)
        return [line["database_ahead_seconds"] for line in logs]

    assert told(timedelta(seconds=1), apart, apart) == [60]
    time.seconds += WARN_EVERY_SECONDS
    assert told(-apart) == [-60]
    assert told(-apart, timedelta(), 3 * apart) == [180]
