"""Bars: inside their drawing, in order, apart, and hatched where nothing is known."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.api.console.senders.bars import LARGE, SMALL, Bars, draw_bars

END = datetime(2026, 4, 17, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def draw(counts: dict[int, int], *, hours: int = 24, **changed: Any) -> Bars:
    """Draws slots of an hour, by how many hours before the last full one they begin."""
    last = END.replace(minute=0)
    slots = [
        {"at": (last - back * HOUR).isoformat(), "events": counts[back]}
        for back in sorted(counts, reverse=True)
    ]
    options: dict[str, Any] = {
        "start": END - hours * HOUR,
        "end": END,
        "counted_from": END - hours * HOUR,
        "slot_seconds": 3600,
        **changed,
    }
    return draw_bars(slots, **options)


@given(
    counts=st.dictionaries(st.integers(0, 167), st.integers(1, 10**7), max_size=168),
    size=st.sampled_from([SMALL, LARGE]),
)
def test_every_bar_lies_inside_and_none_on_another(
    counts: dict[int, int], size: tuple[float, float]
) -> None:
    drawn = draw(counts, hours=168, size=size)
    assert len(drawn.bars) == len(counts)
    for bar in drawn.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= size[0] + 0.01
        assert bar.y >= 0
        assert bar.y + bar.height <= size[1] + 0.01
        assert bar.height > 0
    for left, right in zip(drawn.bars, drawn.bars[1:], strict=False):
        assert left.x + left.width <= right.x + 0.01


def test_the_largest_bar_is_as_high_as_the_drawing_and_a_small_one_is_seen() -> None:
    small, large = draw({2: 1, 1: 100_000}).bars
    assert large.height == SMALL[1]
    assert small.height > 1


def test_what_was_not_counted_is_marked() -> None:
    drawn = draw({1: 5}, counted_from=END - 6 * HOUR)
    assert drawn.unknown_width == pytest.approx(0.75 * SMALL[0])
    assert draw({1: 5}).unknown_width == 0


def test_the_drawing_says_in_words_what_it_shows() -> None:
    drawn = draw({3: 5, 1: 1200})
    assert drawn.label == "1,205 events, at most 1,200 an hour"
    assert drawn.bars[0].title == "2026-04-17 06:00: 5"
    assert draw({}, slot_seconds=86_400).label == "0 events, at most 0 a day"


def test_days_begin_at_midnight_where_there_are_few() -> None:
    assert len(draw({}).midnights) == 1
    assert len(draw({}, hours=168).midnights) == 7
    assert draw({}, hours=720).midnights == ()
