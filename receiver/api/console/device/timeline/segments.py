"""What was when, as lanes of segments: from the JSON of the API, cut to a window."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from receiver.api.console.countries import find_country
from receiver.api.console.device.timeline.window import Window
from receiver.api.console.values import (
    UNKNOWN_WORD,
    say_reason,
    word_of_connectivity,
    word_of_network_type,
)

Json = Mapping[str, Any]

_NETWORK_STYLES = {"5G": "net-5", "4G": "net-4", "3G": "net-3", "2G": "net-2"}
# Of a lane, a country or a network type beside those that have a colour.
PLAIN = "plain"
MANY = "many"
# From the ground up.
TONES = ("good", "some", "bad", "unknown")


@dataclass(frozen=True, slots=True)
class Segment:
    """A time in which a value was the same.

    Attributes:
        word: the value for people.
        short: the same where there is little room; empty: nothing.
        style: the class of its colour.
        note: why it is not known; empty: it is known, and nothing is to be said.
        began_earlier: whether it began before the window.
        lasts: whether it goes on at the end.
        shares: of a day with many changes, the style of each value and its part of the day.
    """

    start: datetime
    end: datetime
    word: str
    short: str
    style: str
    note: str = ""
    began_earlier: bool = False
    lasts: bool = False
    shares: tuple[tuple[str, float], ...] = ()

    @property
    def is_unknown(self) -> bool:
        return self.style == "unknown"


@dataclass(frozen=True, slots=True)
class Lane:
    """One part of the status over time.

    Attributes:
        kind: of the events that tell it.
        note: what the whole comes to, in a few words.
        segments: end to end, the earliest first.
    """

    title: str
    kind: str
    note: str
    segments: Sequence[Segment]


def lane_of_connectivity(page: Json, availability: Json, window: Window) -> Lane:
    """Returns the lane of connectivity.

    Args:
        page: of the intervals on this axis, the latest first.
        availability: of the window.
    """
    segments = _cut(page, window, _connectivity)
    if segments and segments[0].style == MANY:
        segments[:1] = _list_days(availability["days"], segments[0])
    return Lane("Connectivity", "connectivity", _reachable(availability["total"]), segments)


def lane_of_countries(page: Json, sessions: Json, window: Window) -> Lane:
    """Returns the lane of home and of the countries abroad.

    Args:
        page: of the intervals on the axis of roaming, the latest first.
        sessions: the roaming sessions of the window; they have the countries.
    """
    roaming = _cut(page, window, _roaming)
    home = [one for one in roaming if one.style != "abroad"]
    first = min((one.start for one in roaming if one.style != MANY), default=window.end)
    abroad: list[Segment] = []
    names: set[str] = set()
    for session in sessions["items"]:
        found = _list_stays(session, window, first, datetime.fromisoformat(sessions["asOf"]))
        names.update(one.word for one in found if one.short)
        abroad += found
    note = f"{len(names)} countries abroad" if len(names) > 1 else " ".join(names)
    return Lane("Country", "roaming", note, sorted([*home, *abroad], key=lambda one: one.start))


def lane_of_network_types(page: Json, window: Window) -> Lane:
    """Returns the lane of network types; likewise."""
    return Lane("Network type", "network-type", "", _cut(page, window, _network_type))


def _reachable(total: Json) -> str:
    known = total["availableSeconds"] + total["unavailableSeconds"]
    return f"reachable {total['availableSeconds'] / known:.0%}" if known else ""


def _list_days(days: Iterable[Json], whole: Segment) -> list[Segment]:
    """Returns the days of a time with too many changes, each with the share of its values."""
    found = []
    for day in days:
        midnight = datetime.fromisoformat(day["day"]).replace(tzinfo=UTC)
        start, end = max(midnight, whole.start), min(midnight + timedelta(days=1), whole.end)
        told = [(*word_of_connectivity(value), length) for value, length in day["seconds"].items()]
        told.append((UNKNOWN_WORD, "unknown", day["unknownSeconds"]))
        total = sum(length for _, _, length in told)
        told = [one for one in told if one[2] > 0]
        if start >= end or not told:
            continue
        told.sort(key=lambda one: TONES.index(one[1]))
        note = ", ".join(f"{word} {length / total:.0%}" for word, _, length in told)
        shares = tuple((tone, length / total) for _, tone, length in told)
        found.append(
            Segment(start, end, "Many changes", "", MANY, f"that day: {note}", shares=shares)
        )
    return found


def _connectivity(value: object) -> tuple[str, str, str]:
    word, tone = word_of_connectivity(value)
    return word, {"SMS only": "SMS", "Not connected": "Off"}.get(word, ""), tone


def _roaming(value: object) -> tuple[str, str, str]:
    return ("Abroad", "", "abroad") if value else ("Home", "", "home")


def _network_type(value: object) -> tuple[str, str, str]:
    word, _ = word_of_network_type(value)
    return word, "", _NETWORK_STYLES.get(word, PLAIN)


def _cut(page: Json, window: Window, tell: Any) -> list[Segment]:
    """Returns the segments of a page, with what is older than the page as one."""
    now = datetime.fromisoformat(page["asOf"])
    found = []
    for item in reversed(page["items"]):
        start, end = _ends(item, window, now)
        if item.get("unknown"):
            word, short, style = UNKNOWN_WORD, "", "unknown"
            note = say_reason(item["because"])
        else:
            word, short, style = tell(item["value"])
            note = ""
        began, lasts = "beganEarlier" in item, "to" not in item
        found.append(Segment(start, end, word, short, style, note, began, lasts))
    found = [one for one in found if one.start < one.end]
    first = found[0].start if found else window.end
    if "nextCursor" in page and first > window.start:
        note = f"more changes than are drawn: those before {first:%d %b %H:%M} are left out"
        found.insert(0, Segment(window.start, first, "Left out", "", MANY, note, True))
    return found


def _ends(item: Json, window: Window, now: datetime) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(item["from"])
    end = datetime.fromisoformat(item["to"]) if "to" in item else now
    return max(start, window.start), min(end, window.end)


def _list_stays(session: Json, window: Window, first: datetime, now: datetime) -> list[Segment]:
    """Returns the stays of a session, and the times between in which no country was told.

    Args:
        first: what lies before is left out.
    """
    start, end = _ends(session, window, now)
    start = max(start, first)
    began, lasts = "beganEarlier" in session, "to" not in session
    abroad = Segment(start, end, "Abroad", "", PLAIN, "no event tells the country", began, lasts)
    found: list[Segment] = []
    at = start
    for stay in session["countries"]:
        from_at, to_at = _ends(stay, window, now)
        from_at, to_at = max(from_at, at), min(to_at, end)
        if from_at >= to_at:
            continue
        if from_at > at:
            found.append(replace(abroad, start=at, end=from_at, began_earlier=began and not found))
        country = find_country(stay)
        name = abroad.word if country is None else country.name
        label = "" if country is None else country.label
        style = PLAIN if country is None else country.style
        is_first, is_last = began and not found, lasts and "to" not in stay
        found.append(Segment(from_at, to_at, name, label, style, "", is_first, is_last))
        at = to_at
    if at < end:
        found.append(replace(abroad, start=at, began_earlier=began and not found))
    return found


def merge_narrow(segments: Iterable[Segment], shortest: timedelta) -> list[Segment]:
    """Returns the segments with those that are too short to be seen, side by side, as one.

    Args:
        shortest: what a segment must last to have a place of its own; one that stands alone
            between longer ones keeps it.
    """
    found: list[Segment] = []
    counts: list[int] = []
    for one in segments:
        is_short = one.end - one.start < shortest
        if is_short and found and (counts[-1] > 1 or found[-1].end - found[-1].start < shortest):
            counts[-1] += 1
            found[-1] = replace(
                found[-1],
                end=one.end,
                word=f"{counts[-1]} changes",
                short="",
                style=MANY,
                note="",
                lasts=one.lasts,
            )
        else:
            found.append(one)
            counts.append(1)
    return found
