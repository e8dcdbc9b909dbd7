"""Events of equal slots of time as bars, drawn to the scale of the largest one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

# In a row of a table, and in a card of its own.
SMALL = (240.0, 34.0)
LARGE = (720.0, 56.0)

# A bar of one event beside one of thousands is still seen.
LEAST_HEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; lengths are those of the drawing.

    Attributes:
        title: what it says in words.
    """

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Bars:
    """The drawing.

    Attributes:
        label: all of it in words.
        most: events of the largest bar.
        unknown_width: of what lies before the first event that was counted, from the left.
        midnights: where days begin, from the left.
    """

    bars: Sequence[Bar]
    label: str
    most: int
    unknown_width: float
    midnights: Sequence[float]
    width: float
    height: float


def draw_bars(
    slots: Sequence[Mapping[str, Any]],
    *,
    start: datetime,
    end: datetime,
    counted_from: datetime,
    slot_seconds: int,
    size: tuple[float, float] = SMALL,
) -> Bars:
    """Returns the drawing of the slots of one sender.

    Args:
        slots: `at` and `events` of each that has any, in their order.
        start, end: of the window; slots at its edges are cut there.
        counted_from: what was stored before is not known.
        size: width and height.
    """
    full_width, full_height = size
    scale = full_width / (end - start).total_seconds()

    def place(at: datetime) -> float:
        return round(min(max((at - start).total_seconds() * scale, 0.0), full_width), 2)

    most = max((slot["events"] for slot in slots), default=0)
    length = timedelta(seconds=slot_seconds)
    bars = []
    for slot in slots:
        begin = datetime.fromisoformat(slot["at"])
        left, right = place(begin), place(begin + length)
        height = round(max(full_height * slot["events"] / most, LEAST_HEIGHT), 2)
        # A gap between bars, where they are wide enough for one.
        gap = min(1.0, (right - left) / 4)
        title = f"{begin:%Y-%m-%d %H:%M}: {slot['events']:,}"
        width = round(max(right - left - gap, 0.5), 2)
        bars.append(
            Bar(min(left, full_width - width), round(full_height - height, 2), width, height, title)
        )
    unit = "a day" if length >= timedelta(days=1) else "an hour"
    total = sum(slot["events"] for slot in slots)
    return Bars(
        bars=tuple(bars),
        label=f"{total:,} events, at most {most:,} {unit}",
        most=most,
        unknown_width=place(counted_from),
        midnights=tuple(place(at) for at in _list_midnights(start, end)),
        width=full_width,
        height=full_height,
    )


def _list_midnights(start: datetime, end: datetime) -> list[datetime]:
    """Returns the beginnings of days within a window; none of one with many days."""
    if end - start > timedelta(days=8):
        return []
    first = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=1)
    return [at for number in range(9) if (at := first + timedelta(days=number)) < end]
