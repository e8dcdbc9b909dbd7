"""The whole drawing: readable whatever is drawn, bounded however much there is."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest

from receiver.api.console.device.timeline.canvas import (
    BAR,
    DESK,
    DESK_NOW,
    PHONE,
    TOP,
    Canvas,
    Geometry,
)
from receiver.api.console.device.timeline.drawing import BAND_MIN, draw, tell
from receiver.api.console.device.timeline.lines import draw_lines
from receiver.api.console.device.timeline.segments import Lane, Segment
from receiver.api.console.device.timeline.window import Span, Window
from tests.support.drawn import at, event, require_readable, subscription, week, write

STYLES = {
    "Data": ("good", ""),
    "SMS only": ("some", "SMS"),
    "Not connected": ("bad", "Off"),
    "Unknown": ("unknown", ""),
    "Côte d'Ivoire": ("country-3", "CI"),
    "携帯電話の国": ("plain", ""),
    "x" * 300: ("plain", ""),
}
GEOMETRIES = [DESK, DESK_NOW, PHONE]


def lane(window: Window, generator: random.Random, count: int) -> Lane:
    length = window.end - window.start
    cuts = sorted(generator.random() ** 3 for _ in range(count))
    ends = [window.start, *(window.start + length * cut for cut in cuts), window.end]
    segments = []
    for start, end in pairwise(ends):
        word = generator.choice(list(STYLES))
        style, short = STYLES[word]
        if start < end:
            segments.append(Segment(start, end, word, short, style))
    return Lane("Connectivity", "connectivity", "reachable 82% of a long time", segments)


def drawn(geometry: Geometry, span: Span, generator: random.Random, count: int) -> Canvas:
    window = week(span, is_now=geometry is DESK_NOW)
    hours = (window.end - window.start) / timedelta(hours=1)
    events = [
        event(
            number,
            begin := generator.random() * hours,
            findings=["a-finding"] * generator.randrange(2),
            subscriptionId=f"s-{generator.randrange(20)}-" + "long" * generator.randrange(20),
            receivedAt=write(at(begin + generator.choice([0, 0.01, 1, 90, 10_000]))),
        )
        for number in range(count)
    ]
    entries = [
        subscription(one["subscriptionId"], generator.random() * hours, None, state="inactive")
        if generator.random() < 0.5
        else subscription(one["subscriptionId"], 0, 1 + generator.random() * hours)
        for one in events
    ]
    lines, left_out = draw_lines(entries, events, window)
    lanes = [lane(window, generator, count) for _ in range(3)]
    return draw(geometry, window, lanes=lanes, lines=lines, lines_left=left_out, events=events)


@pytest.mark.parametrize("span", ["day", "week", "month"])
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=lambda one: f"{one.name}-{one.right}")
def test_words_stay_in_the_drawing_and_off_each_other(geometry: Geometry, span: Span) -> None:
    for seed in range(6):
        generator = random.Random(seed)  # noqa: S311 - a drawing is no secret
        require_readable(drawn(geometry, span, generator, count=4**seed % 300))


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=lambda one: f"{one.name}-{one.right}")
def test_however_much_changes_a_lane_has_some_hundreds_of_bands(geometry: Geometry) -> None:
    window = week()
    step = (window.end - window.start) / 1000
    for shares in ([1.0], [0.1, 1.9], [0.1, 1.0, 1.9]):
        ends = [window.start]
        while ends[-1] < window.end:
            ends.append(ends[-1] + step * shares[len(ends) % len(shares)])
        segments = [Segment(start, end, "Data", "", "good") for start, end in pairwise(ends)]
        canvas = draw(
            geometry,
            window,
            lanes=[Lane("Connectivity", "connectivity", "", segments)],
            lines=[],
            lines_left=0,
            events=[],
        )
        assert len(canvas.bands) <= 2 * canvas.plot / BAND_MIN


def test_bands_follow_each_other_and_unknown_is_hatched_without_a_link() -> None:
    segments = [
        Segment(at(0), at(20), "Unknown", "", "unknown", "no event has told it", True),
        Segment(at(20), at(168), "Data", "", "good", "", False, True),
    ]
    canvas = draw(
        DESK,
        week(),
        lanes=[Lane("Connectivity", "connectivity", "", segments)],
        lines=[],
        lines_left=0,
        events=[event(7, 20), event(8, 0)],
    )
    unknown, data = canvas.bands[:2]
    assert (unknown.style, unknown.place) == ("unknown", None)
    assert (data.style, data.place) == ("good", "events/e-7")
    assert unknown.x + unknown.width == pytest.approx(data.x, abs=0.2)
    assert [text.words for text in canvas.texts if "label" in text.style] == ["Unknown", "Data"]


def test_the_shares_of_a_day_fill_its_height() -> None:
    shares = (("good", 0.5), ("bad", 0.3), ("unknown", 0.2))
    one = Segment(at(0), at(24), "Many changes", "", "many", "that day", shares=shares)
    canvas = draw(
        DESK,
        week(),
        lanes=[Lane("Connectivity", "connectivity", "", [one])],
        lines=[],
        lines_left=0,
        events=[],
    )
    good, bad, unknown = canvas.bands
    assert good.y + good.height == TOP + BAR
    assert (bad.y + bad.height, unknown.y + unknown.height) == (good.y, bad.y)
    assert unknown.y == pytest.approx(TOP, abs=0.1)
    require_readable(canvas)


def test_an_outage_of_a_second_in_a_month_is_seen() -> None:
    segments = [
        Segment(at(0), at(300), "Data", "", "good"),
        Segment(at(300), at(300.0003), "Not connected", "Off", "bad"),
        Segment(at(300.0003), at(720), "Data", "", "good"),
    ]
    canvas = draw(
        DESK,
        week("month"),
        lanes=[Lane("Connectivity", "connectivity", "", segments)],
        lines=[],
        lines_left=0,
        events=[],
    )
    # What is drawn last lies on top.
    assert (canvas.bands[-1].style, canvas.bands[-1].width) == ("bad", BAND_MIN)


def test_a_segment_is_told_with_its_ends_and_length() -> None:
    one = Segment(at(1), at(4.5), "Unknown", "", "unknown", "its subscription ended")
    assert tell(one) == (
        "Unknown, from 2026-04-13 01:00:00 to 2026-04-13 04:30:00, 3 h 30 min; "
        "its subscription ended"
    )
    lasting = Segment(at(1), at(4.5), "Data", "", "good", "", True, True)
    assert tell(lasting) == "Data, since before 2026-04-13 01:00:00 on, 3 h 30 min"
