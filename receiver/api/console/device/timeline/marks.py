"""What lies below the lanes: subscriptions with their events, findings, and lateness."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import log1p
from typing import Any

from receiver.api.console.device.timeline.canvas import PAD, WORDS, Canvas
from receiver.api.console.device.timeline.lines import Line
from receiver.api.console.device.timeline.shapes import (
    ASCENT,
    Band,
    Dot,
    Rule,
    Text,
    fit,
    width_of,
)
from receiver.api.console.values import say_length

Json = Mapping[str, Any]

ROW = 20
# Marks that are closer, in pixels, become one.
MARK_MIN = 9.0
DOT, MARK, BAR_WIDTH = 3.2, 5.0, 3.0
# What comes later after it occurred is drawn and said as late.
LATE = timedelta(minutes=5)
# Lateness has a logarithmic scale, of which the highest bar is the end.
LATENESS_HEIGHT, LATENESS_MAX = 24.0, timedelta(days=3)


def draw_lines(canvas: Canvas, lines: Sequence[Line], left_out: int) -> None:
    """Draws a row for each subscription."""
    if not lines:
        return
    row = ROW if canvas.geometry.has_margin else ROW + WORDS
    count = len(lines) + left_out
    words = f"{count} in this time" if not left_out else f"{len(lines)} of {count} drawn"
    # In the margin the rows begin below the words of the lane.
    above = ROW + WORDS if canvas.geometry.has_margin else WORDS
    top = canvas.begin_lane("Subscriptions", words, row * len(lines) + above - PAD)
    for number, line in enumerate(lines):
        _draw_line(canvas, line, top + row * number + above)


def _draw_line(canvas: Canvas, line: Line, top: float) -> None:
    y = top + PAD
    x, end = canvas.place(line.start), canvas.place(line.end)
    canvas.rules.append(Rule(x, y, end, y, "line" if line.is_start_told else "line dashed"))
    if canvas.geometry.has_margin:
        name = fit(line.name, canvas.geometry.left - PAD * 2)
        canvas.texts.append(Text(canvas.geometry.left - PAD, y + 4, name, "soft", "end"))
        if canvas.window.is_now:
            canvas.texts.append(Text(canvas.right + PAD, y + 4, line.state, "soft"))
    else:
        is_told = canvas.window.is_now or line.ended_at is not None
        state = f" · {line.reason or line.state}" if is_told else ""
        name = fit(line.name, canvas.plot - width_of(state))
        canvas.texts.append(Text(0, y - 8, f"{name}{state}", "soft"))
    groups = _group(canvas, line.events)
    for x, group in groups:
        title = f"{line.name}: {_tell_group(group)}"
        canvas.dots.append(Dot(x, y, DOT, "event", title, place(group[0])))
    if line.ended_at is not None:
        x = canvas.place(line.ended_at)
        reason = f", {line.reason}" if line.reason else ""
        title = f"{line.name}: ended {line.ended_at:%Y-%m-%d %H:%M:%S}{reason}"
        canvas.bands.append(Band(x - 1.5, y - 7, 3, 14, "bad", title))
        end = x + PAD + width_of(line.reason)
        is_free = not any(x < at < end for at, _ in groups) and end <= canvas.right
        if canvas.geometry.has_margin and line.reason and is_free:
            canvas.texts.append(Text(x + PAD, y + 4, line.reason))


def draw_marks(canvas: Canvas, events: Iterable[Json]) -> None:
    """Draws the events that broke their specification, or that nobody knows."""
    found = [one for one in events if one["findings"] or one["kind"] == "unrecognised"]
    if not found:
        return
    words = f"{len(found)} event{'s' * (len(found) > 1)}"
    top = canvas.begin_lane("Findings", words, MARK * 2)
    for x, group in _group(canvas, found):
        is_unrecognised = any(one["kind"] == "unrecognised" for one in group)
        names = dict.fromkeys(name for one in group for name in one["findings"])
        if is_unrecognised:
            names["of a type that nobody knows, kept whole"] = None
        title = f"{_tell_group(group)}: {', '.join(names)}"
        style = "mark unrecognised" if is_unrecognised else "mark"
        canvas.dots.append(Dot(x, top + 12, MARK, style, title, place(group[0])))


def draw_lateness(canvas: Canvas, events: Sequence[Json]) -> None:
    """Draws how long after they occurred events arrived."""
    if not events:
        return
    late = sum(delay_of(one) >= LATE for one in events)
    top = canvas.begin_lane("Arrived after", f"{late} late" if late else "", LATENESS_HEIGHT)
    bottom = top + LATENESS_HEIGHT
    canvas.rules.append(Rule(canvas.geometry.left, bottom, canvas.right, bottom, "base"))
    groups = [
        (x, max(group, key=delay_of)) for x, group in _group(canvas, events, closest=BAR_WIDTH)
    ]
    late_at = [x for x, slowest in groups if delay_of(slowest) >= LATE]
    for x, slowest in groups:
        delay = delay_of(slowest)
        is_late = delay >= LATE
        height = round(max(2.0, _share(delay) * LATENESS_HEIGHT), 1)
        title = f"{_tell_group([slowest])}: arrived {say_length(delay)} after it occurred"
        style = "some late" if is_late else "timely"
        canvas.bands.append(
            Band(
                x - BAR_WIDTH / 2, bottom - height, BAR_WIDTH, height, style, title, place(slowest)
            )
        )
        words = f"{say_length(delay)} late"
        end = x + PAD + width_of(words)
        # Bars of what is not late are lower than words.
        is_free = not any(x < other < end + PAD for other in late_at)
        if is_late and is_free and end <= canvas.geometry.width:
            canvas.texts.append(Text(x + PAD, top + ASCENT, words))


def delay_of(event: Json) -> timedelta:
    """Returns how long after it occurred an event arrived; never less than nothing."""
    occurred_at = datetime.fromisoformat(event["occurredAt"])
    return max(datetime.fromisoformat(event["receivedAt"]) - occurred_at, timedelta(0))


def _share(delay: timedelta) -> float:
    return min(1.0, log1p(delay.total_seconds()) / log1p(LATENESS_MAX.total_seconds()))


def _group(
    canvas: Canvas, events: Iterable[Json], closest: float = MARK_MIN
) -> list[tuple[float, list[Json]]]:
    """Returns events with where they lie, those together that would lie upon each other."""
    groups: list[tuple[float, list[Json]]] = []
    for event in sorted(events, key=lambda one: str(one["occurredAt"])):
        x = canvas.place(datetime.fromisoformat(event["occurredAt"]))
        if groups and x - groups[-1][0] < closest:
            groups[-1][1].append(event)
        else:
            groups.append((x, [event]))
    return groups


def _tell_group(group: Sequence[Json]) -> str:
    first = group[0]
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    return f"{first['name']} {first['occurredAt'][:19].replace('T', ' ')}{more}"


def place(event: Json) -> str:
    """Returns the page of an event."""
    return f"events/{event['id']}"
