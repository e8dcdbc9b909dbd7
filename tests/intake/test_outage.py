"""An outage is told from failures that last, and forgotten where nothing is tried."""

from receiver.intake.outage import FORGOTTEN_AFTER_SECONDS, TOLD_AFTER_SECONDS, Outage


class Clock:
    """The time that the test says."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def outage_of(*failures_at: float) -> tuple[Outage, Clock]:
    """Returns an outage with failures so many seconds after its begin, and its clock."""
    clock = Clock()
    outage = Outage(clock)
    began_at = clock.seconds
    for seconds in failures_at:
        clock.seconds = began_at + seconds
        outage.note_failure("the disk of the database is full")
    return outage, clock


def test_failures_that_go_on_are_told_with_their_reason_and_the_time_since_the_first() -> None:
    outage, clock = outage_of(0, 1, 2, 10)
    clock.seconds += 2
    assert outage.tell() == (
        "no notification could be stored for 12 seconds: the disk of the database is full"
    )


def test_nothing_is_told_before_anything_failed() -> None:
    assert Outage().tell() is None


def test_a_failure_that_ends_soon_is_not_told() -> None:
    outage, _ = outage_of(0, TOLD_AFTER_SECONDS / 2)
    assert outage.tell() is None


def test_one_failure_alone_is_not_told_however_long_ago_it_is() -> None:
    outage, clock = outage_of(0)
    clock.seconds += 2 * TOLD_AFTER_SECONDS
    assert outage.tell() is None


def test_one_commit_that_does_not_end_is_told() -> None:
    outage, _ = outage_of()
    outage.note_failure("it hangs", took_seconds=TOLD_AFTER_SECONDS)
    assert outage.tell() == "no notification could be stored for 3 seconds: it hangs"


def test_a_success_ends_it_and_the_next_failure_begins_anew() -> None:
    outage, _ = outage_of(0, 10)
    outage.end()
    assert outage.tell() is None
    outage.note_failure("again")
    assert outage.tell() is None


def test_it_is_forgotten_where_nothing_is_tried_and_does_not_count_the_time_of_silence() -> None:
    outage, clock = outage_of(0, 10)
    clock.seconds += FORGOTTEN_AFTER_SECONDS + 1
    assert outage.tell() is None
    outage.note_failure("another")
    assert outage.tell() is None
