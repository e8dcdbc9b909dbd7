"""Silence: against the rhythm of a sender."""

import pytest

from receiver.store.senders.rhythm import LEAST_SECONDS, RHYTHM_EVENTS, is_silent


@pytest.mark.parametrize(
    ("events", "pause", "since", "expected"),
    [
        (RHYTHM_EVENTS, 1.0, LEAST_SECONDS, False),
        (RHYTHM_EVENTS, 1.0, LEAST_SECONDS + 1, True),
        (RHYTHM_EVENTS, 7200.0, 21_600.0, False),
        (RHYTHM_EVENTS, 7200.0, 21_601.0, True),
        (RHYTHM_EVENTS - 1, 1.0, 80_000.0, False),
        (1, None, 80_000.0, False),
    ],
)
def test_a_sender_is_silent_beyond_three_of_its_pauses_and_an_hour(
    events: int, pause: float | None, since: float, expected: bool
) -> None:
    assert is_silent(events, pause, since) is expected
