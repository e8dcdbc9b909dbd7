"""The counts of the fleet as cards and chips, from the JSON of `GET /devices/summary`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from receiver.api.console.fleet.bars import Summary, list_countries
from receiver.api.console.fleet.filters import Pairs, write_place


@dataclass(frozen=True, slots=True)
class Card:
    """A number of devices.

    Attributes:
        place: the table of them.
    """

    name: str
    figure: int
    note: str
    place: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A link that chooses.

    Attributes:
        is_current: whether the table shows just these devices.
    """

    word: str
    devices: int
    place: str
    is_current: bool


def make_cards(summary: Summary) -> list[Card]:
    """Returns the numbers that people ask for first."""
    devices = summary["devices"]
    heard, roaming = summary["heard"], summary["roaming"]
    lost = _count(summary["connectivity"], "NOT_CONNECTED")
    countries = len(list_countries(summary))
    known = devices - summary["connectivity"]["unknown"]
    where = f"in {countries} {'country' if countries == 1 else 'countries'}"
    return [
        Card(
            "Devices",
            devices,
            f"{heard['lastHour']:,} heard from in the last hour",
            write_place([]),
        ),
        Card(
            "Not connected",
            lost,
            f"of {known:,} whose connectivity is known",
            write_place([("connectivity", "NOT_CONNECTED")]),
        ),
        Card(
            "Roaming",
            roaming["roaming"],
            where if countries else "nobody tells where",
            write_place([("roaming", "true")]),
        ),
        Card(
            "Silent for a day",
            devices - heard["lastDay"],
            "no event in the last 24 hours",
            write_place(_silent(summary)),
        ),
    ]


def make_chips(summary: Summary, chosen: Pairs) -> list[Chip]:
    """Returns the usual choices.

    Args:
        chosen: the filters of the table.
    """
    connectivity = summary["connectivity"]
    choices: list[tuple[str, int, Pairs]] = [
        ("All", summary["devices"], []),
        (
            "Not connected",
            _count(connectivity, "NOT_CONNECTED"),
            [("connectivity", "NOT_CONNECTED")],
        ),
        ("Connectivity unknown", connectivity["unknown"], [("unknown", "connectivity")]),
        ("Roaming", summary["roaming"]["roaming"], [("roaming", "true")]),
        ("Country unknown", summary["country"]["unknown"], [("unknown", "country")]),
        (
            "Silent for a day",
            summary["devices"] - summary["heard"]["lastDay"],
            _silent(summary),
        ),
    ]
    return [
        Chip(word, devices, write_place(pairs), _name(pairs) == _name(chosen))
        for word, devices, pairs in choices
    ]


def _silent(summary: Summary) -> Pairs:
    day = datetime.fromisoformat(summary["asOf"]) - timedelta(days=1)
    return [("lastEventTo", day.isoformat(timespec="microseconds").replace("+00:00", "Z"))]


def _name(pairs: Pairs) -> list[tuple[str, str]]:
    """Returns filters so that a moment equals any other, as it goes on with each page."""
    return [(name, "" if name == "lastEventTo" else value) for name, value in pairs]


def _count(counts: Mapping[str, Any], value: str) -> int:
    return sum(each["devices"] for each in counts["values"] if each["value"] == value)
