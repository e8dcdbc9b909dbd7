"""Pages lie end to end, have at most 31 days of changes, and cover the range."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.api.timelines.ranges import (
    PAGE,
    Range,
    Rest,
    choose_days,
    choose_page,
    choose_range,
    find_rest,
    shorten,
)
from receiver.errors import InvalidArgument
from receiver.projection.intervals import Interval
from receiver.store.connections.keyset import Order

NOW = datetime(2026, 4, 17, 9, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def day(number: int) -> datetime:
    """Returns the moment so many days before now."""
    return NOW - number * DAY


def test_without_a_range_it_is_the_last_31_days() -> None:
    assert choose_range(None, None, NOW) == Range(day(31), None)
    assert choose_range(None, day(10), NOW) == Range(day(41), day(10))
    assert choose_range(day(50), day(-1), NOW) == Range(day(50), None)


@pytest.mark.parametrize(("start", "end"), [(1, 1), (1, 2), (0, None), (-1, None), (-1, -2)])
def test_a_range_begins_before_its_end_and_before_now(start: int, end: int | None) -> None:
    with pytest.raises(InvalidArgument):
        choose_range(day(start), None if end is None else day(end), NOW)


DAYS = st.integers(0, 400)


@given(
    start=st.integers(1, 400),
    length=st.integers(1, 500),
    changes=st.tuples(DAYS, DAYS) | st.none(),
    order=st.sampled_from(["asc", "desc"]),
)
def test_pages_cover_a_range_in_order(
    start: int, length: int, changes: tuple[int, int] | None, order: Order
) -> None:
    first_at, last_at = (None, None) if changes is None else (day(max(changes)), day(min(changes)))
    whole: Range | None = choose_range(day(start), day(start - length), NOW)
    assert whole is not None
    edge = whole.start if order == "asc" else whole.end
    last = whole.end if order == "asc" else whole.start
    while whole is not None:
        page = choose_page(whole, order, first_at=first_at, last_at=last_at, now=NOW)
        assert edge == (page.start if order == "asc" else page.end)
        edge = page.end if order == "asc" else page.start
        if first_at is not None and last_at is not None:
            changing_from = max(page.start, first_at)
            changing_to = min(page.end or NOW, last_at)
            assert changing_to - changing_from <= PAGE
        whole = find_rest(whole, order, page)
    assert edge == last


def test_a_page_that_is_too_full_ends_where_its_last_item_does() -> None:
    items = [Interval(day(10 - n), day(9 - n), "x") for n in range(3)]
    page = Range(day(20), day(7))
    assert shorten(page, "asc", items, 3) == page
    assert shorten(page, "asc", items, 2) == Range(day(20), day(8))
    assert shorten(page, "desc", items[::-1], 2) == Range(day(9), day(7))


def test_days_end_at_midnight_and_at_the_end() -> None:
    page = choose_days(Range(day(100), None), NOW)
    assert page == Range(day(100), datetime(2026, 2, 7, tzinfo=UTC))
    assert choose_days(Range(day(3), None), NOW) == Range(day(3), NOW)
    assert choose_days(Range(day(3), day(1)), NOW) == Range(day(3), day(1))


@pytest.mark.parametrize("rest", [Range(day(3), day(1)), Range(day(3), None)])
def test_a_cursor_has_what_is_left(rest: Range) -> None:
    assert Rest.of(rest).range == rest


@pytest.mark.parametrize(
    "forged",
    [
        Rest(day(1), day(3), 0),
        Rest(datetime(1, 1, 1, tzinfo=UTC), day(3), 0),
        Rest(day(1), datetime(9999, 12, 31, tzinfo=UTC), 0),
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(forged: Rest) -> None:
    with pytest.raises(InvalidArgument):
        _ = forged.range
