"""What senders sent in a window of time, and what of it was refused: plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class SendersSelection:
    """Chooses events by when they were stored, and how they are counted.

    Attributes:
        start: inclusive.
        end: exclusive; None: the present.
        step_seconds: length of a slot, in which events are counted together.
        is_by_source: whether each source of a credential counts by itself.
        credentials: any of them; empty: all.
    """

    start: datetime
    end: datetime | None
    step_seconds: int
    is_by_source: bool = True
    credentials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """The events of a short time.

    Attributes:
        at: when it begins; a multiple of the length since 1970.
    """

    at: datetime
    events: int


@dataclass(frozen=True, slots=True)
class Found:
    """The events with one finding that were stored on one day.

    Attributes:
        day: in UTC.
        latest_id: of the event that was stored last, as readers name it.
    """

    finding: str
    day: date
    events: int
    latest_at: datetime
    latest_id: str


@dataclass(frozen=True, slots=True)
class Sender:
    """What came from one source under one credential, or from all of them.

    Attributes:
        source: as sent; None: events without one, or all sources.
        sources: how many there are; None: it is one.
        first_at, last_at: when the earliest and the latest of the events arrived.
        duplicates: deliveries after the first one of each event.
        ahead: events whose time lay after their arrival.
        lateness: seconds from the time of the sender to the arrival: median, 99 of 100, and most.
        longest_pause_seconds: between two events that were stored one after the other; None: there
            was one event.
        is_silent: nothing came for longer than its rhythm lets expect.
        slots: in their order, without those that have no event.
        findings: by name, then by day.
    """

    credential: str
    source: str | None
    sources: int | None
    first_at: datetime
    last_at: datetime
    events: int
    duplicates: int
    ahead: int
    lateness: tuple[float, float, float]
    longest_pause_seconds: float | None
    is_silent: bool
    slots: Sequence[Slot]
    findings: Sequence[Found]


@dataclass(frozen=True, slots=True)
class Refusals:
    """The notifications of one credential that were refused for one reason.

    Attributes:
        reason: with `N` for each number in it.
        waiting: how many of them are refused still.
        latest_key: of the row in quarantine.
    """

    credential: str
    reason: str
    notifications: int
    waiting: int
    latest_at: datetime
    latest_key: int


@dataclass(frozen=True, slots=True)
class Admitted:
    """A credential that may send.

    Attributes:
        last_used_at: to the minute; None: never.
    """

    credential: str
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a question.

    Attributes:
        as_of: the database's clock.
        counted_from: when the earliest event that was looked at was stored; the start of the window
            where all were.
        is_complete: whether all events and refusals of the window were looked at.
        senders: those with the most events, most first.
        left_out: how many more senders there are.
        refusals: the most frequent first.
        waiting: how many notifications wait in quarantine, whenever they came, as far as counted.
    """

    as_of: datetime
    selection: SendersSelection
    counted_from: datetime
    is_complete: bool
    senders: Sequence[Sender]
    left_out: int
    refusals: Sequence[Refusals]
    admitted: Sequence[Admitted]
    waiting: int
