"""Answers of the API about one device, made by hand, and what holds for every drawing of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

from receiver.api.console.device.timeline.canvas import Canvas
from receiver.api.console.device.timeline.window import Span, Window

START = datetime(2026, 4, 13, tzinfo=UTC)
NOW = datetime(2026, 4, 24, 12, tzinfo=UTC)


def at(hours: float) -> datetime:
    """Returns a moment after the start of the week that tests show."""
    return START + timedelta(hours=hours)


def write(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def week(span: Span = "week", *, is_now: bool = False) -> Window:
    """Returns a window that begins at the start."""
    length = {"day": 1, "week": 7, "month": 30}[span]
    return Window(span, START, START + timedelta(days=length), is_now)


def intervals(*changes: tuple[float, Any], until: float | None = None) -> dict[str, Any]:
    """Returns a page of intervals, the latest first.

    Args:
        changes: hours and the value from then on; a text with a dash is why it is not known.
        until: hours; None: the last one lasts.
    """
    items: list[dict[str, Any]] = []
    ends = [write(at(hours)) for hours, _ in changes[1:]]
    last = [None if until is None else write(at(until))]
    for (hours, value), end in zip(changes, [*ends, *last], strict=True):
        is_reason = isinstance(value, str) and "-" in value
        said = {"unknown": True, "because": value} if is_reason else {"value": value}
        item = {**said, "from": write(at(hours)), "seconds": 0.0}
        items.append(item if end is None else {**item, "to": end})
    return {"asOf": write(NOW), "items": items[::-1]}


def stay(begin: float, end: float | None, *names: str, **members: Any) -> dict[str, Any]:
    """Returns a time in a country."""
    told = {"countryName": list(names)} if names else {}
    until = {} if end is None else {"to": write(at(end))}
    return {"from": write(at(begin)), **until, **told, **members}


def sessions(*items: dict[str, Any]) -> dict[str, Any]:
    """Returns a page of roaming sessions."""
    return {"asOf": write(NOW), "items": list(items)}


def event(number: int, hours: float, kind: str = "connectivity", **members: Any) -> dict[str, Any]:
    """Returns an event as the API answers it."""
    made = {
        "id": f"e-{number}",
        "deviceId": "0b6f2c9e-58a4-5d0e-8f39-2a7c44b1d9aa",
        "kind": kind,
        "name": "reachability-data",
        "credential": "operator",
        "subscriptionId": "s-1",
        "occurredAt": write(at(hours)),
        "receivedAt": write(at(hours) + timedelta(seconds=1)),
        "deliveries": 1,
        "status": {},
        "findings": [],
    }
    return {name: value for name, value in {**made, **members}.items() if value is not None}


def subscription(name: str, begin: float, end: float | None = None, **members: Any) -> Any:
    """Returns an entry of the ledger."""
    told = {"endedAt": write(at(end)), "terminationReason": "SUBSCRIPTION_EXPIRED"} if end else {}
    return {
        "credential": "operator",
        "subscriptionId": name,
        "asOf": write(NOW),
        "state": "ended" if end else "active",
        "firstAt": write(at(begin)),
        **told,
        **members,
    }


def require_readable(canvas: Canvas) -> None:
    """Fails where words or shapes leave the drawing, or words lie upon words."""
    boxes = [
        *((text.words, text.box) for text in canvas.texts),
        *(
            (one.title, (one.x, one.y, one.x + one.width, one.y + one.height))
            for one in canvas.bands
        ),
    ]
    outside = [
        box
        for box in boxes
        if box[1][0] < 0
        or box[1][1] < 0
        or box[1][2] > canvas.geometry.width
        or box[1][3] > canvas.height
    ]
    assert outside == []
    radii = [dot for dot in canvas.dots if not 0 <= dot.x - dot.radius < canvas.geometry.width]
    assert radii == []
    assert [band for band in canvas.bands if min(band.width, band.height) <= 0] == []
    assert overlapping(canvas) == []


def overlapping(canvas: Canvas) -> Sequence[tuple[str, str]]:
    """Returns the pairs of words that lie upon each other."""
    boxes = [(text.words, text.box) for text in canvas.texts if text.words]
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
