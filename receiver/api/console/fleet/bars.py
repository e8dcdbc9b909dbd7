"""The counts of the fleet as bars, from the JSON of `GET /devices/summary`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from receiver.api.console.countries import find_country
from receiver.api.console.fleet.filters import Pairs, write_place
from receiver.api.console.values import UNKNOWN_WORD, word_of_connectivity, word_of_network_type

# Countries with a bar of their own.
COUNTRIES_SHOWN = 10

# Percent of the width: what is there is seen.
LEAST_WIDTH = 0.6

WHOLE = 100.0

Summary = Mapping[str, Any]

# Word, style, devices, and the filters that choose them; None: no filter does.
Choice = tuple[str, str, int, Pairs | None]

# In the order of a bar; words of senders follow.
ORDER = ("CONNECTED_DATA", "CONNECTED", "CONNECTED_SMS", "NOT_CONNECTED")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the fleet as a bar, alone or beside others.

    Attributes:
        style: class that colours it; `unknown` is hatched.
        place: the table of its devices; None: no filter chooses them.
        x, width: in percent of the whole.
    """

    word: str
    style: str
    devices: int
    place: str | None
    x: float
    width: float


def draw_connectivity(summary: Summary) -> list[Part]:
    """Returns the parts of one bar: those with a value, the best first, then the unknown one."""
    counts = summary["connectivity"]
    values = sorted(
        counts["values"],
        key=lambda each: ORDER.index(each["value"]) if each["value"] in ORDER else len(ORDER),
    )
    told: list[Choice] = [
        (*word_of_connectivity(each["value"]), each["devices"], [("connectivity", each["value"])])
        for each in values
    ]
    return _stack([*told, *_rest(counts), *_unknown(counts, "connectivity")])


def draw_network_types(summary: Summary) -> list[Part]:
    """Returns the parts of one bar: the newest generation first, then the unknown one."""
    counts = summary["networkType"]
    values = sorted(counts["values"], key=lambda each: _rank(each["value"]))
    told: list[Choice] = [
        (*word_of_network_type(each["value"]), each["devices"], [("networkType", each["value"])])
        for each in values
    ]
    return _stack([*told, *_rest(counts), *_unknown(counts, "network-type")])


def draw_countries(summary: Summary) -> list[Part]:
    """Returns a bar for each of the first countries."""
    return _compare(list_countries(summary)[:COUNTRIES_SHOWN])


def list_elsewhere(summary: Summary) -> list[Part]:
    """Returns the devices in all other countries, and those that may roam nobody knows where.

    They have no bar: there may be many more of them than in any country.
    """
    shown = list_countries(summary)[:COUNTRIES_SHOWN]
    counts = summary["country"]
    named = [pairs[0][1] for *_, pairs in shown if pairs]
    words = {word for word, *_ in shown}
    others = counts.get("others", 0) + sum(
        each["devices"]
        for each in counts["values"]
        if not any(_is_of(each, name) for name in named) and _word(each) not in words
    )
    rest: list[Choice] = [("Other countries", "other", others, None)] if others else []
    return _compare([*rest, *_unknown(counts, "country")])


def list_countries(summary: Summary) -> list[Choice]:
    """Returns the countries in which devices roam, the most devices first.

    The same country may be told with a code and without. A number is that of the devices that the
    filter passes, where one chooses the country.
    """
    values = summary["country"]["values"]
    found: dict[str, Choice] = {}
    for each in values:
        name, word = _filter_of(each), _word(each)
        if name is None:
            same = [other for other in values if _filter_of(other) is None and _word(other) == word]
        else:
            same = [other for other in values if _is_of(other, name)]
        country = find_country(each)
        style = "other" if country is None else country.style
        devices = sum(other["devices"] for other in same)
        pairs = None if name is None else [("country", name)]
        found.setdefault(name or word, (word, style, devices, pairs))
    return sorted(found.values(), key=lambda told: -told[2])


def _rank(network_type: str) -> tuple[bool, int, str]:
    """Returns the place of a network type: generations first, the newest one of them first."""
    generation = network_type.removesuffix("G")
    is_one = generation.isascii() and generation.isdigit()
    return not is_one, -int(generation[:9]) if is_one else 0, network_type


def _unknown(counts: Mapping[str, Any], axis: str) -> list[Choice]:
    if not counts["unknown"]:
        return []
    return [(UNKNOWN_WORD, "unknown", counts["unknown"], [("unknown", axis)])]


def _rest(counts: Mapping[str, Any]) -> list[Choice]:
    return [("Others", "other", counts["others"], None)] if "others" in counts else []


def _word(said: Mapping[str, object]) -> str:
    country = find_country(said)
    return "" if country is None else country.name


def _filter_of(said: Mapping[str, Any]) -> str | None:
    """Returns the value of the filter that chooses a country; None: the API takes no such value."""
    names = said.get("countryName") or ()
    for name in names:
        if len(name) == 2 and name.isascii() and name.isalpha() and name.isupper():
            return str(name)
    code = said.get("countryCode")
    return None if names or code is None or not 0 <= code <= 9999 else str(code)


def _is_of(said: Mapping[str, Any], name: str) -> bool:
    return name in (said.get("countryName") or ()) or name == str(said.get("countryCode"))


def _compare(told: Sequence[Choice]) -> list[Part]:
    """Returns bars below each other, the longest over the whole width."""
    most = max((devices for _, _, devices, _ in told), default=0)
    return [
        Part(word, style, devices, _place(pairs), 0.0, _share(devices, most))
        for word, style, devices, pairs in told
    ]


def _stack(told: Sequence[Choice]) -> list[Part]:
    """Returns bars end to end, all together over the whole width."""
    total = sum(devices for _, _, devices, _ in told)
    widths = [_share(devices, total) for _, _, devices, _ in told]
    scale = WHOLE / sum(widths) if widths else 1.0
    parts: list[Part] = []
    x = 0.0
    for (word, style, devices, pairs), width in zip(told, widths, strict=True):
        parts.append(Part(word, style, devices, _place(pairs), x, width * scale))
        x += width * scale
    return parts


def _place(pairs: Pairs | None) -> str | None:
    return None if pairs is None else write_place(pairs)


def _share(devices: int, whole: int) -> float:
    return max(LEAST_WIDTH, WHOLE * devices / whole)
