"""Answers about subscriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredDevice:
    """The device that was told."""

    phone_number: str | None = None
    network_access_identifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What was told when the subscription was made."""

    registered_at: datetime
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    max_events: int | None = None
    types: tuple[str, ...]
    device: RegisteredDevice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCounts:
    """Its events, counted now."""

    total: int
    by_name: Mapping[str, int]
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How much of it is left."""

    events_left: int | None = None
    days_left: float | None = None
    rate_per_day: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What was not told."""

    because: str
    is_proven: bool
    name: str | None = None
    after: datetime | None = None
    until: datetime | None = None
    missing: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What is known of one subscription."""

    credential: str
    subscription_id: str
    as_of: datetime
    state: str
    uncovered: bool = False
    replaced: bool = False
    device_ids: tuple[UUID, ...]
    names: tuple[str, ...]
    first_at: datetime | None = None
    started_at: datetime | None = None
    inactive_at: datetime | None = None
    ended_at: datetime | None = None
    termination_reason: str | None = None
    termination_description: str | None = None
    registered: Registration | None = None
    events: EventCounts
    last_event_at: datetime | None = None
    forecast: Forecast | None = None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPage:
    """One page of the ledger."""

    items: tuple[Subscription, ...]
    next_cursor: str | None = None
