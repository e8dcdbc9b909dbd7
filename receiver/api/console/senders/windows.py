"""The windows of time that the screen of senders offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# By the word in the address: the word for people, and the length.
WINDOWS: Mapping[str, tuple[str, timedelta]] = {
    "day": ("24 hours", timedelta(hours=24)),
    "week": ("7 days", timedelta(days=7)),
    "month": ("30 days", timedelta(days=30)),
}
FIRST = "day"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A window up to the present.

    Attributes:
        name: in the address.
        word: for people.
        start: a full minute, so that people who look at the same time share an answer.
    """

    name: str
    word: str
    start: datetime


def choose_window(name: str | None, now: datetime) -> Chosen:
    """Returns the window of that name; the first one for any other."""
    known = name if name in WINDOWS else FIRST
    word, length = WINDOWS[known or FIRST]
    start = (now - length + timedelta(minutes=1)).replace(second=0, microsecond=0)
    return Chosen(known or FIRST, word, start)
