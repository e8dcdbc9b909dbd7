"""Answers about what was when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A time in which the value was the same, or unknown: `value` is None then."""

    from_: datetime
    to: datetime | None = None
    seconds: float
    began_earlier: bool = False
    ends_later: bool = False
    value: bool | str | None = None
    unknown: bool = False
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalPage:
    """The values of a device on one axis; together they cover the page."""

    device_id: UUID
    as_of: datetime
    from_: datetime
    to: datetime | None = None
    next_cursor: str | None = None
    axis: str
    items: tuple[Interval, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A time in one country."""

    from_: datetime
    to: datetime | None = None
    country_code: int | None = None
    country_name: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A time of roaming."""

    from_: datetime
    to: datetime | None = None
    seconds: float
    began_earlier: bool = False
    ends_later: bool = False
    because: str | None = None
    countries: tuple[Stay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPage:
    """The roaming sessions of a device."""

    device_id: UUID
    as_of: datetime
    from_: datetime
    to: datetime | None = None
    next_cursor: str | None = None
    items: tuple[Session, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """For how long the network reached a device; unknown counts apart."""

    available_seconds: float
    unavailable_seconds: float
    unknown_seconds: float
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Availability):
    """One day in UTC."""

    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityPage:
    """The availability of a device."""

    device_id: UUID
    as_of: datetime
    from_: datetime
    to: datetime | None = None
    next_cursor: str | None = None
    total: Availability
    days: tuple[Day, ...]
