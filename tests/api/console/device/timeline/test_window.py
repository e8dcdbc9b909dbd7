"""The time that a page shows."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest

from receiver.api.console.device.timeline.window import (
    LENGTHS,
    NARROW_STEPS,
    WIDE_STEPS,
    Span,
    Window,
    choose_span,
    query_around,
)

NOW = datetime(2026, 4, 20, 9, 30, 15, tzinfo=UTC)
SPANS: tuple[Span, ...] = ("day", "week", "month")


def asked(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query.removeprefix("?")).items()}


@pytest.mark.parametrize("span", SPANS)
def test_without_an_end_the_present_is_the_end(span: Span) -> None:
    window = Window.choose(span, None, NOW)
    assert (window.end, window.start, window.later) == (NOW, NOW - LENGTHS[span], None)
    assert asked(window.of("day")) == {"span": "day"}


def test_what_is_to_come_is_the_present() -> None:
    assert Window.choose("day", NOW + timedelta(days=900), NOW) == Window.choose("day", None, NOW)


@pytest.mark.parametrize("span", SPANS)
def test_earlier_and_later_lie_end_to_end(span: Span) -> None:
    window = Window.choose(span, NOW - timedelta(days=100), NOW)
    earlier = asked(window.earlier)
    assert datetime.fromisoformat(earlier["to"]) == window.start
    assert window.later is not None
    assert datetime.fromisoformat(asked(window.later)["to"]) - LENGTHS[span] == window.end
    assert datetime.fromisoformat(asked(window.of(span))["to"]) == window.end


@pytest.mark.parametrize("year", [1, 1969, 2000])
def test_no_time_of_the_past_is_beyond_the_questions(year: int) -> None:
    east = timezone(timedelta(hours=14))
    window = Window.choose("month", datetime(year, 1, 1, tzinfo=east), NOW)
    assert window.start >= datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("steps", [WIDE_STEPS, NARROW_STEPS])
def test_ticks_are_round_times_within(span: Span, steps: dict[Span, timedelta]) -> None:
    window = Window.choose(span, None, NOW)
    ticks = window.ticks(steps[span])
    assert 2 <= len(ticks) <= 16
    assert all(window.start < tick.at < window.end for tick in ticks)
    assert all((tick.at.minute, tick.at.second) == (0, 0) for tick in ticks)
    assert len({tick.label for tick in ticks}) == len(ticks)


def test_a_day_is_told_where_it_begins() -> None:
    labels = [tick.label for tick in Window.choose("day", None, NOW).ticks(timedelta(hours=2))]
    assert labels[:3] == ["10:00", "12:00", "14:00"]
    assert "20 Apr" in labels


def test_a_device_of_today_is_shown_by_the_day() -> None:
    def first(at: datetime) -> dict[str, object]:
        return {"firstEvent": {"occurredAt": at.isoformat()}}

    assert choose_span(first(NOW - timedelta(hours=3)), NOW) == "day"
    assert choose_span(first(NOW - timedelta(days=3)), NOW) == "week"
    assert choose_span({}, NOW) == "week"


def test_an_event_is_the_middle_of_its_day() -> None:
    to = asked(query_around("2026-04-17T07:31:01.416474Z"))["to"]
    assert datetime.fromisoformat(to) == datetime(2026, 4, 17, 19, 31, 1, 416474, UTC)
