"""Subscriptions, findings and lateness under the lanes."""

from datetime import timedelta

import pytest

from receiver.api.console.device.timeline.canvas import DESK, DESK_NOW, PHONE, Canvas, Geometry
from receiver.api.console.device.timeline.lines import draw_lines as list_lines
from receiver.api.console.device.timeline.marks import (
    LATENESS_HEIGHT,
    delay_of,
    draw_lateness,
    draw_lines,
    draw_marks,
)
from tests.support.drawn import at, event, require_readable, subscription, week, write

# Just in time.
MARGIN = timedelta(minutes=4, seconds=59)
LATE = {"receivedAt": write(at(200))}


@pytest.mark.parametrize("geometry", [DESK, PHONE])
def test_an_end_is_drawn_and_said(geometry: Geometry) -> None:
    canvas = Canvas(geometry, week())
    lines, left_out = list_lines([subscription("s-1", 5, 60)], [event(1, 30)], week())
    draw_lines(canvas, lines, left_out)
    assert [band.title for band in canvas.bands] == [
        "s-1: ended 2026-04-15 12:00:00, subscription expired"
    ]
    assert any("subscription expired" in text.words for text in canvas.texts)
    assert [dot.place for dot in canvas.dots] == ["events/e-1"]
    assert [rule.style for rule in canvas.rules] == ["line dashed"]
    require_readable(canvas)


def test_a_state_is_said_only_of_the_present() -> None:
    for geometry, is_now in ((DESK_NOW, True), (DESK, False)):
        window = week(is_now=is_now)
        canvas = Canvas(geometry, window)
        lines, _ = list_lines([subscription("s-1", 5, state="silent")], [], window)
        draw_lines(canvas, lines, 0)
        assert ("silent" in {text.words for text in canvas.texts}) is is_now


def test_what_is_left_out_is_counted() -> None:
    canvas = Canvas(DESK, week())
    lines, _ = list_lines([subscription("s-1", 5)], [], week())
    draw_lines(canvas, lines, 7)
    assert "1 of 8 drawn" in {text.words for text in canvas.texts}


def test_findings_and_unrecognised_events_are_marked() -> None:
    canvas = Canvas(DESK, week())
    events = [
        event(1, 10, findings=["phone-number-without-plus"]),
        event(2, 50, "unrecognised", name="tariff-changed"),
        event(3, 90),
    ]
    draw_marks(canvas, events)
    first, second = canvas.dots
    assert "phone-number-without-plus" in first.title
    assert (first.place, second.place) == ("events/e-1", "events/e-2")
    assert second.style == "mark unrecognised"
    assert "kept whole" in second.title


def test_marks_that_would_lie_upon_each_other_are_one() -> None:
    canvas = Canvas(DESK, week())
    draw_marks(canvas, [event(number, 10 + number / 100, findings=["x-y"]) for number in range(50)])
    [dot] = canvas.dots
    assert "and 49 more" in dot.title


def test_without_marks_there_is_no_lane() -> None:
    canvas = Canvas(DESK, week())
    draw_marks(canvas, [event(1, 10)])
    draw_lateness(canvas, [])
    draw_lines(canvas, [], 0)
    assert (canvas.texts, canvas.bands, canvas.dots) == ([], [], [])


def test_what_came_late_is_drawn_high_and_said() -> None:
    canvas = Canvas(DESK, week())
    draw_lateness(canvas, [event(1, 10, **LATE), event(2, 60)])
    late, timely = canvas.bands
    assert (late.style, timely.style) == ("some late", "timely")
    assert timely.height < late.height <= LATENESS_HEIGHT
    assert "7 d 22 h late" in {text.words for text in canvas.texts}
    assert "1 late" in {text.words for text in canvas.texts}


def test_of_those_that_lie_together_the_latest_counts() -> None:
    canvas = Canvas(DESK, week())
    draw_lateness(canvas, [event(1, 10), event(2, 10.01, **LATE), event(3, 10.02)])
    [band] = canvas.bands
    assert band.place == "events/e-2"


def test_words_of_late_events_never_lie_upon_a_late_bar() -> None:
    canvas = Canvas(DESK, week())
    draw_lateness(canvas, [event(number, 10 + 9 * number, **LATE) for number in range(9)])
    said = canvas.texts[2:]
    assert said
    for text in said:
        left, _, right, _ = text.box
        late = [band for band in canvas.bands if band.style == "some late"]
        assert [band for band in late if left < band.x < right] == []


def test_what_came_in_time_leaves_room_for_words_above() -> None:
    canvas = Canvas(DESK, week())
    almost = [
        event(number, 30 + number, receivedAt=write(at(30 + number) + MARGIN))
        for number in range(2, 50)
    ]
    draw_lateness(canvas, [event(1, 30, receivedAt=write(at(40))), *almost])
    [words] = [text for text in canvas.texts if text.words == "10 h late"]
    below = [band for band in canvas.bands if band.style == "timely"]
    assert below
    assert min(band.y for band in below) >= words.box[3]


def test_a_reason_does_not_lie_upon_an_event_after_the_end() -> None:
    canvas = Canvas(DESK, week())
    lines, left_out = list_lines([subscription("s-1", 5, 60)], [event(1, 62)], week())
    draw_lines(canvas, lines, left_out)
    assert "subscription expired" not in {text.words for text in canvas.texts}


def test_a_sender_whose_clock_is_ahead_is_not_late() -> None:
    ahead = event(1, 10, receivedAt=write(at(9)))
    assert delay_of(ahead) == timedelta(0)
