"""The timeline of a device: lanes, subscriptions, marks and lateness under one axis."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from receiver.api.console.device.timeline.canvas import BAR, TOP, Canvas, Geometry
from receiver.api.console.device.timeline.lines import Line
from receiver.api.console.device.timeline.marks import draw_lateness, draw_lines, draw_marks, place
from receiver.api.console.device.timeline.segments import Lane, Segment, merge_narrow
from receiver.api.console.device.timeline.shapes import Band, Rule, Text, width_of
from receiver.api.console.device.timeline.window import Window
from receiver.api.console.values import say_length

Json = Mapping[str, Any]

# A band that is narrower is drawn this wide, and merged with its neighbours if they are narrow.
BAND_MIN = 3.0
# Between the ends of a band and its words.
INSET = 4


def draw(
    geometry: Geometry,
    window: Window,
    *,
    lanes: Iterable[Lane],
    lines: Sequence[Line],
    lines_left: int,
    events: Sequence[Json],
) -> Canvas:
    """Draws what was when.

    Args:
        lines_left: how many subscriptions are not among the lines.
        events: of the window.
    """
    canvas = Canvas(geometry, window)
    _draw_ticks(canvas)
    starts = {
        (one["kind"], datetime.fromisoformat(one["occurredAt"])): place(one) for one in events
    }
    for lane in lanes:
        _draw_lane(canvas, lane, starts)
    draw_lines(canvas, lines, lines_left)
    draw_marks(canvas, events)
    draw_lateness(canvas, events)
    canvas.end_grid()
    return canvas


def _draw_ticks(canvas: Canvas) -> None:
    for tick in canvas.window.ticks(canvas.geometry.steps[canvas.window.span]):
        x = canvas.place(tick.at)
        canvas.rules.append(Rule(x, TOP - 6, x, TOP, "grid"))
        half = width_of(tick.label) / 2
        if half <= x <= canvas.geometry.width - half:
            canvas.texts.append(Text(x, 12, tick.label, "soft", "middle"))


def _draw_lane(canvas: Canvas, lane: Lane, starts: Mapping[tuple[str, datetime], str]) -> None:
    """Draws a lane.

    Args:
        starts: the place of the event of a kind at a moment.
    """
    top = canvas.begin_lane(lane.title, lane.note, BAR)
    shortest = (canvas.window.end - canvas.window.start) * (BAND_MIN / canvas.plot)
    segments = merge_narrow(lane.segments, shortest)
    # A short one is wider than it lasts, and lies upon its neighbours.
    for segment in sorted(segments, key=lambda one: one.end - one.start < shortest):
        x, end = canvas.place(segment.start), canvas.place(segment.end)
        width = round(min(max(end - x, BAND_MIN), canvas.right - x), 1)
        page = None if segment.is_unknown else starts.get((lane.kind, segment.start))
        title = f"{lane.title}: {tell(segment)}"
        if segment.shares:
            _stack(canvas, x, top, width, segment, title)
            continue
        canvas.bands.append(Band(x, top, width, BAR, segment.style, title, page))
        for words in (segment.word, segment.short):
            if words and width_of(words) + 2 * INSET <= width:
                canvas.texts.append(Text(x + INSET, top + 17, words, f"on-{segment.style} label"))
                break


def _stack(
    canvas: Canvas, x: float, top: float, width: float, segment: Segment, title: str
) -> None:
    """Draws the values of a day upon each other, as high as their shares."""
    bottom = top + BAR
    for style, share in segment.shares:
        height = round(share * BAR, 2)
        bottom -= height
        # A gap tells days apart.
        canvas.bands.append(
            Band(x, round(bottom, 2), max(width - 1, 1), height, f"{style} share", title)
        )


def tell(segment: Segment) -> str:
    """Returns what is said of a segment."""
    began = "since before" if segment.began_earlier else "from"
    end = "on" if segment.lasts else f"to {segment.end:%Y-%m-%d %H:%M:%S}"
    length = say_length(segment.end - segment.start)
    note = f"; {segment.note}" if segment.note else ""
    return f"{segment.word}, {began} {segment.start:%Y-%m-%d %H:%M:%S} {end}, {length}{note}"
