"""The page of a device: what is drawn and written, from the answers of the API."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from receiver.api.console.device.history import Row, list_identifiers, list_rows
from receiver.api.console.device.reading import DeviceAnswers
from receiver.api.console.device.timeline.canvas import DESK, DESK_NOW, PHONE, Canvas
from receiver.api.console.device.timeline.drawing import draw
from receiver.api.console.device.timeline.lines import Line, draw_lines
from receiver.api.console.device.timeline.segments import (
    Lane,
    lane_of_connectivity,
    lane_of_countries,
    lane_of_network_types,
)
from receiver.api.console.device.timeline.window import Window
from receiver.api.console.rendering import moment
from receiver.api.console.values import Told, tell_connectivity, tell_network_type, tell_roaming

Json = Mapping[str, Any]

# What the shapes of a drawing mean, by their classes.
LEGEND = (
    ("unknown", "unknown: nothing tells the value"),
    ("many", "many changes: a shorter time shows them"),
    ("good share", "a day with many changes: how long it was each value"),
    ("line dashed", "subscription whose start was not told"),
    ("mark", "finding"),
    ("mark unrecognised", "event of a type that nobody knows"),
    ("some late", "arrived more than 5 min after it occurred"),
)

# Identifiers that stand below the name; an address changes often.
NAMES_MAX = 5

# Rows of each table that says what the drawing shows.
TABLE_MAX = 200


@dataclass(frozen=True, slots=True)
class Card:
    """One part of the status.

    Attributes:
        confirmed_at: when the latest event that says it occurred; empty: none does.
        event_id: of that event.
    """

    name: str
    told: Told
    confirmed_at: str
    event_id: str


@dataclass(frozen=True, slots=True)
class DeviceView:
    """What the page shows.

    Attributes:
        name: what people call the device; its id where nothing else is known.
        identifiers: all that were reported or registered, that name first.
        linked: device ids of what stands for it, as its events have them.
        live: its subscriptions that go on; `total` of them.
        more: whether there are more subscriptions than were asked for.
        states: how many of each state but `active`, in words.
        marks_from: from when on events are marked; None: all are.
        drawings: of the same, for a desk and for a phone.
        styles: the classes of their shapes.
        next_cursor: of the rows.
    """

    device_id: str
    name: str
    identifiers: Sequence[str]
    linked: Sequence[str]
    first_at: str | None
    last_at: str | None
    cards: Sequence[Card]
    live: int
    total: int
    more: bool
    states: str
    window: Window
    marks_from: str | None
    drawings: Sequence[Canvas]
    styles: Collection[str]
    lanes: Sequence[Lane]
    lines: Sequence[Line]
    rows: Sequence[Row]
    next_cursor: str | None


def view_device(answers: DeviceAnswers, window: Window) -> DeviceView:
    """Composes the page."""
    device, status = answers.device, answers.status
    identifiers = [text for one in device["identifiers"] for text in list_identifiers(one)]
    marks, rows = answers.marks["items"], answers.rows["items"]
    subscriptions = answers.subscriptions["items"]
    lanes = (
        lane_of_connectivity(answers.intervals["connectivity"], answers.availability, window),
        lane_of_countries(answers.intervals["roaming"], answers.sessions, window),
        lane_of_network_types(answers.intervals["network-type"], window),
    )
    lines, left = draw_lines(subscriptions, marks, window)
    drawings = [
        draw(geometry, window, lanes=lanes, lines=lines, lines_left=left, events=marks)
        for geometry in (DESK_NOW if window.is_now else DESK, PHONE)
    ]
    states = Counter(one["state"] for one in subscriptions)
    others = (event["deviceId"] for event in [*marks, *rows])
    return DeviceView(
        device_id=device["deviceId"],
        name=identifiers[0] if identifiers else device["deviceId"],
        identifiers=identifiers,
        linked=[one for one in dict.fromkeys(others) if one != device["deviceId"]],
        first_at=device.get("firstEvent", {}).get("occurredAt"),
        last_at=status["lastEventAt"],
        cards=(
            _card("Connectivity", status["connectivity"], tell_connectivity),
            _card("Roaming", status["roaming"], tell_roaming),
            _card("Network type", status["networkType"], tell_network_type),
        ),
        live=states["active"],
        total=len(subscriptions),
        more="nextCursor" in answers.subscriptions,
        states=", ".join(f"{states[name]} {name}" for name in sorted(states) if name != "active"),
        window=window,
        marks_from=moment(marks[-1]["occurredAt"]) if "nextCursor" in answers.marks else None,
        drawings=drawings,
        styles={style for drawing in drawings for style in drawing.styles},
        lanes=lanes,
        lines=lines,
        rows=list_rows(rows),
        next_cursor=answers.rows.get("nextCursor"),
    )


def _card(name: str, register: Json, tell: Callable[[Json], Told]) -> Card:
    value = register.get("last", {}) if register.get("unknown") else register
    return Card(name, tell(register), value.get("confirmedAt", ""), value.get("eventId", ""))
