"""The questions of the page of a device."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from receiver.api.console.asking import Asking, ask_together
from receiver.api.console.device.timeline.window import Window, write_time

Json = Mapping[str, Any]

# Of one lane, and of events with a mark: the most that a page of the questions has, and enough for
# a mark on every third pixel.
INTERVALS_LIMIT, MARKS_LIMIT = 1000, 300
# Between two sessions lies another interval.
SESSIONS_LIMIT = INTERVALS_LIMIT // 2
ROWS_LIMIT = 50
SUBSCRIPTIONS_LIMIT = 100

AXES = ("connectivity", "roaming", "network-type")


@dataclass(frozen=True, slots=True)
class DeviceAnswers:
    """What the API answers of a device.

    Attributes:
        device: its identifiers, its first and its last event.
        rows: a page of its events until the end of the window, the latest first.
        marks: the latest of its events within the window.
        intervals: of the window by axis, the latest first.
    """

    device: Json
    status: Json
    subscriptions: Json
    rows: Json
    marks: Json
    intervals: Mapping[str, Json]
    sessions: Json
    availability: Json


async def read_device(
    asking: Asking, device: Json, window: Window, cursor: str | None
) -> DeviceAnswers:
    """Asks for all that the page shows, a few questions at a time.

    Args:
        device: as the API answers it.
        cursor: of the page of rows.

    Raises:
        Refused: a question was not answered.
    """
    device_id = device["deviceId"]
    path = f"/devices/{device_id}"
    until = None if window.is_now else write_time(window.end)
    start = write_time(window.start)
    between = {"from": start, "to": until}
    status, subscriptions, rows, marks = await ask_together(
        asking.get(f"{path}/status"),
        asking.get("/subscriptions", {"deviceId": device_id, "limit": SUBSCRIPTIONS_LIMIT}),
        asking.get(f"{path}/events", {"occurredTo": until, "limit": ROWS_LIMIT, "cursor": cursor}),
        asking.get(
            f"{path}/events",
            {"occurredFrom": start, "occurredTo": until, "limit": MARKS_LIMIT},
        ),
    )
    *found, availability = await ask_together(
        *(
            asking.get(
                f"{path}/intervals",
                {"axis": axis, **between, "order": "desc", "limit": INTERVALS_LIMIT},
            )
            for axis in AXES
        ),
        asking.get(f"{path}/availability", between),
    )
    intervals = dict(zip(AXES, found, strict=True))
    # Of the time whose intervals are left out, the countries are too.
    since = find_since(intervals["roaming"], start)
    sessions = await asking.get(
        f"{path}/roaming-sessions",
        {**between, "from": since, "order": "desc", "limit": SESSIONS_LIMIT},
    )
    return DeviceAnswers(
        device=device,
        status=status,
        subscriptions=subscriptions,
        rows=rows,
        marks=marks,
        intervals=intervals,
        sessions=sessions,
        availability=availability,
    )


def find_since(page: Json, start: str) -> str:
    """Returns from when on a page has intervals, the latest first.

    Args:
        start: of the window.
    """
    oldest: str = page["items"][-1]["from"] if page["items"] else start
    return oldest if "nextCursor" in page else start
