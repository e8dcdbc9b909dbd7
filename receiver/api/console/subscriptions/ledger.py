"""What pages say of a subscription, from the ledger's answer about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# Two weeks, so that a person on holiday still has time to subscribe again.
SOON = timedelta(days=14)

OPEN = ("active", "silent", "inactive")

# A number that is hardly ever reached is no news.
FEW_EVENTS = 10

# Of the names that a cell says.
NAMES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the ledger, as a link.

    Attributes:
        key: in the address.
        word: on the link.
        says: what stands in it.
        empty: what is said where nothing does.
    """

    key: str
    word: str
    says: str
    empty: str


PARTS = (
    Part(
        "ending",
        "End soon",
        "They are registered to expire within two weeks.",
        "No registered subscription expires within two weeks.",
    ),
    Part(
        "uncovered",
        "Not replaced",
        "They are over, and nothing that is open tells what they told.",
        "Whatever is over has been replaced.",
    ),
    Part(
        "silent",
        "Silent",
        "Nothing came for three times their longest pause between two events, and for a day at "
        "least.",
        "No subscription fell silent.",
    ),
    Part(
        "overdue",
        "Overdue",
        "Their registered expiry passed, and they did not say that they ended.",
        "No subscription is overdue.",
    ),
    Part("ended", "Ended", "They said that they ended.", "No subscription has ended."),
    Part(
        "all",
        "All",
        "Every subscription of which an event came, or which was registered.",
        "No event named a subscription yet, and none is registered.",
    ),
)


def find_part(key: str) -> Part:
    """Returns a part by its key, or the first one."""
    return next((part for part in PARTS if part.key == key), PARTS[0])


def ask_for(part: Part, now: datetime) -> Sequence[tuple[str, object]]:
    """Returns the filters of `GET /subscriptions` that a part stands for."""
    match part.key:
        case "ending":
            ends_before = (now + SOON).isoformat()
            return [("endsBefore", ends_before), *(("state", state) for state in OPEN)]
        case "uncovered":
            return [("uncovered", "true")]
        case "all":
            return []
        case state:
            return [("state", state)]


@dataclass(frozen=True, slots=True)
class Tag:
    """A word in a colour; the word alone says it.

    Attributes:
        tone: good, some, bad, unknown; or empty: none of them.
        title: the sentence behind the word.
    """

    word: str
    tone: str
    title: str


STATES = {
    "active": Tag("active", "good", "It told something, and did not say that it ended."),
    "silent": Tag("silent", "some", "Nothing came for longer than its rhythm allows."),
    "inactive": Tag("inactive", "some", "It said that it is inactive, and not that it is again."),
    "overdue": Tag("overdue", "bad", "Its registered expiry passed without an end."),
    "ended": Tag("ended", "unknown", "It said that it ended."),
}


def list_tags(item: Mapping[str, Any]) -> Sequence[Tag]:
    """Returns the words for the state of a subscription, and for what it needs."""
    tags = [STATES[item["state"]]]
    if item.get("uncovered"):
        tags.append(Tag("not replaced", "bad", "Nothing that is open tells what it told."))
    if item.get("replaced"):
        tags.append(Tag("replaced", "good", "What is open beside it tells all that it tells."))
    if item["gaps"]:
        is_proven = any(gap["isProven"] for gap in item["gaps"])
        tags.append(
            Tag("events missing", "bad", "The provider counted more events than came.")
            if is_proven
            else Tag("gap suspected", "some", "The same was told twice in a row.")
        )
    return tags


def count_events(item: Mapping[str, Any]) -> str:
    """Returns how many events came, as far as they were counted."""
    events = item["events"]
    return f"{events['total']:,}" if events["isComplete"] else f"{events['total']:,} or more"


def describe_end(item: Mapping[str, Any]) -> Tag:
    """Returns when a subscription ends or ended, in few words."""
    if "endedAt" in item:
        reason = item.get("terminationReason", "no reason told")
        words = reason.replace("_", " ").lower()
        return Tag(words, "", item.get("terminationDescription", "The sender gave no more words."))
    left = item.get("forecast", {})
    days, events = left.get("daysLeft"), left.get("eventsLeft")
    if events is not None and events <= FEW_EVENTS:
        return Tag(
            f"after {events} more event{'' if events == 1 else 's'}",
            "bad" if events == 0 else "some",
            "Its registered number of events is nearly reached.",
        )
    if days is None:
        return Tag("not known", "unknown", "Its expiry was never registered.")
    if days < 0:
        return Tag(f"{_in_days(-days)} ago", "bad", "By its registered expiry.")
    return Tag(
        f"in {_in_days(days)}", "some" if days < SOON.days else "", "By its registered expiry."
    )


def _in_days(days: float) -> str:
    if days >= 2:
        return f"{days:.0f} days"
    return f"{days * 24:.0f} hours" if days * 24 >= 2 else f"{days * 24 * 60:.0f} minutes"


def find_number(item: Mapping[str, Any]) -> str | None:
    """Returns the registered identifier of its device; None: none was registered."""
    device = item.get("registered", {}).get("device", {})
    number: str | None = device.get("phoneNumber") or device.get("networkAccessIdentifier")
    return number


def find_numbers(item: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Returns a name for each device of a subscription that its events or its registration name.

    Args:
        events: its latest, the newest first.
    """
    registered = find_number(item)
    numbers = {}
    if registered is not None and len(item["deviceIds"]) == 1:
        numbers[item["deviceIds"][0]] = registered
    for event in reversed(events):
        device = event["device"]
        number = device.get("phoneNumber") or device.get("networkAccessIdentifier")
        if number is not None:
            numbers[event["deviceId"]] = number
    return numbers


def describe_gap(gap: Mapping[str, Any]) -> str:
    """Returns what was not told, as a sentence."""
    if gap["because"] == "max-events-reached":
        missing = gap.get("missing", 0)
        return f"The provider counted {missing} more event{'' if missing == 1 else 's'} than came."
    return f"`{gap.get('name', '')}` was told twice in a row; what must lie between did not come."
