"""The time that a page of a device shows: its ends, the steps beside it, and its ticks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

Span = Literal["day", "week", "month"]

LENGTHS: dict[Span, timedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    # One page of the questions has 31 days at most.
    "month": timedelta(days=30),
}

# The questions know no time before the year 2000.
EARLIEST = datetime(2000, 2, 1, tzinfo=UTC)

# Between ticks, in a drawing that is wide, and in one as wide as a phone.
WIDE_STEPS: dict[Span, timedelta] = {
    "day": timedelta(hours=2),
    "week": timedelta(days=1),
    "month": timedelta(days=2),
}
NARROW_STEPS: dict[Span, timedelta] = {
    "day": timedelta(hours=6),
    "week": timedelta(days=2),
    "month": timedelta(days=7),
}


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Window:
    """A length of time that ends at the present, or at a moment that was asked for.

    Attributes:
        is_now: whether it ends at the present.
    """

    span: Span
    start: datetime
    end: datetime
    is_now: bool

    @classmethod
    def choose(cls, span: Span, to: datetime | None, now: datetime) -> "Window":
        """Returns the window that ends at a moment; None, and what is to come: at the present."""
        if to is None or to >= now:
            return cls(span, now - LENGTHS[span], now, is_now=True)
        end = max(to, EARLIEST).astimezone(UTC)
        return cls(span, end - LENGTHS[span], end, is_now=False)

    @property
    def earlier(self) -> str:
        """The query of the window before."""
        return query(self.span, self.start)

    @property
    def later(self) -> str | None:
        """The query of the window after; None: it is the last one."""
        return None if self.is_now else query(self.span, self.end + LENGTHS[self.span])

    def of(self, span: Span) -> str:
        """Returns the query of a window of another length with the same end."""
        return query(span, None if self.is_now else self.end)

    @property
    def title(self) -> str:
        """From when to when, for people."""
        return f"{self.start:%a %d %b %Y, %H:%M} to {self.end:%a %d %b %Y, %H:%M}"

    def ticks(self, step: timedelta) -> list[Tick]:
        """Returns the round times within, without its ends."""
        midnight = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        count = int((self.end - midnight) / step) + 1
        times = [midnight + step * number for number in range(count)]
        return [Tick(at, self._label(at)) for at in times if self.start < at < self.end]

    def _label(self, at: datetime) -> str:
        if self.span == "week":
            return f"{at:%a} {at.day} {at:%b}"
        return f"{at.day} {at:%b}" if self.span == "month" or not at.hour else f"{at:%H:%M}"


def choose_span(device: Mapping[str, Any], now: datetime) -> Span:
    """Returns the span that shows a device best where none is asked for.

    Args:
        device: as the API answers it.
    """
    first = device.get("firstEvent")
    is_new = first and now - datetime.fromisoformat(first["occurredAt"]) <= LENGTHS["day"]
    return "day" if is_new else "week"


def query(span: Span, to: datetime | None) -> str:
    """Returns the query of a window, with its question mark."""
    asked = {"span": span} if to is None else {"span": span, "to": write_time(to)}
    return f"?{urlencode(asked)}"


def write_time(at: datetime) -> str:
    """Returns a time as the API reads it."""
    return at.isoformat().replace("+00:00", "Z")


def query_around(occurred_at: str) -> str:
    """Returns the query of the day of which an event is the middle."""
    return query("day", datetime.fromisoformat(occurred_at) + LENGTHS["day"] / 2)
