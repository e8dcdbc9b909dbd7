"""Answers about those who send."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """The events with a finding that were stored on one day."""

    day: date
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """What a sender got wrong."""

    finding: str
    events: int
    latest_at: datetime
    latest_event_id: str
    days: tuple[DayCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """From the time of the sender to the arrival; below 0 its clock is ahead of ours."""

    p50_seconds: float
    p99_seconds: float
    max_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCount:
    """The events that were stored in a short time."""

    at: datetime
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What came from one source under one credential, or from all sources of it."""

    credential: str
    source: str | None = None
    sources: int | None = None
    first_heard_at: datetime
    last_heard_at: datetime
    events: int
    duplicates: int
    ahead: int
    lateness: Lateness
    longest_pause_seconds: float | None = None
    is_silent: bool = False
    slots: tuple[SlotCount, ...]
    findings: tuple[FindingCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalCount:
    """The notifications that were refused for one reason."""

    reason: str
    notifications: int
    waiting: int
    latest_at: datetime
    latest_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A credential that may send, or whose notifications were refused."""

    credential: str
    last_used_at: datetime | None = None
    refused: tuple[RefusalCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """Everybody who sent in a window of time."""

    as_of: datetime
    from_: datetime
    to: datetime
    counted_from: datetime
    is_complete: bool
    slot_seconds: int
    senders: tuple[Sender, ...]
    left_out: int
    credentials: tuple[Credential, ...]
    waiting: int
