"""The subscriptions of a device as lines, from first to last, with their events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from receiver.api.console.device.timeline.window import Window
from receiver.api.console.values import say_word

# Lines of one drawing; the rest is counted.
LINES_MAX = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One subscription within a window.

    Attributes:
        name: the provider's id.
        state: of the ledger.
        reason: why it ended, for people; empty: nothing tells.
        is_start_told: whether it said that it started; else its first event stands for it.
        ended_at: None: it goes on, or its end lies behind the window.
        events: within the window.
    """

    name: str
    credential: str
    state: str
    reason: str
    start: datetime
    end: datetime
    is_start_told: bool
    ended_at: datetime | None
    events: Sequence[Mapping[str, Any]]


def draw_lines(
    subscriptions: Iterable[Mapping[str, Any]],
    events: Iterable[Mapping[str, Any]],
    window: Window,
) -> tuple[list[Line], int]:
    """Returns the lines of those that touch a window, the earliest first, and how many are left
    out: those that were heard of last are drawn.

    Args:
        subscriptions: of the ledger.
        events: of the window.
    """
    by_key: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for event in events:
        if "subscriptionId" in event:
            by_key.setdefault((event["credential"], event["subscriptionId"]), []).append(event)
    found = [
        line
        for one in subscriptions
        if (line := _draw(one, by_key.get((one["credential"], one["subscriptionId"]), []), window))
    ]
    found.sort(key=lambda line: (line.end, line.start), reverse=True)
    drawn = sorted(found[:LINES_MAX], key=lambda line: (line.start, line.name))
    return drawn, len(found) - len(drawn)


def _draw(
    one: Mapping[str, Any], events: Sequence[Mapping[str, Any]], window: Window
) -> Line | None:
    began = one.get("startedAt") or one.get("firstAt")
    if began is None:
        return None
    begin = datetime.fromisoformat(began)
    ended = one.get("endedAt")
    last = datetime.fromisoformat(ended or one["asOf"])
    begin = min(begin, last)
    if begin >= window.end or last < window.start:
        return None
    return Line(
        name=one["subscriptionId"],
        credential=one["credential"],
        state=one["state"],
        reason=say_word(one.get("terminationReason", "")),
        start=max(begin, window.start),
        end=min(last, window.end),
        is_start_told="startedAt" in one,
        ended_at=None if ended is None or last >= window.end else last,
        events=events,
    )
