"""Answers for those who run the service: quarantine, erasure, health, the handshake."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedNotification:
    """A refused notification without its headers and its body."""

    id: str
    received_at: datetime
    credential: str
    reason: str
    media_type: str | None = None
    size_bytes: int
    state: str
    reprocessed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedNotificationWithBody(RefusedNotification):
    """A refused notification with its headers and its body."""

    headers: Mapping[str, str]
    body_encoding: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePage:
    """One page of the quarantine."""

    items: tuple[RefusedNotification, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReprocessingOutcome:
    """The outcome of parsing a refused notification again."""

    id: str
    state: str
    reason: str | None = None
    reprocessed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Rows that were removed."""

    devices: int
    events: int
    identities: int
    answers: int
    seeds: int
    counts: int
    registrations: int
    quarantined: int
    spooled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReached:
    """What may name the device still."""

    other_events: int
    other_event_ids: tuple[str, ...]
    is_search_complete: bool
    spool_files: int
    statistics: tuple[str, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An erasure that is done."""

    id: UUID
    removed: Removed
    not_reached: NotReached


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """The process is alive."""

    status: str = "alive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """How far the answers are derived from what is stored."""

    lag_seconds: float
    derivation: int
    rebuilding: int | None = None
    rebuilt_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The service can store notifications and answer questions."""

    status: str = "ready"
    version: str
    projection: Projection | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The answer to a sender that asks whether it may push.

    Attributes:
        allowed_origin: the origin that asked.
        allowed_rate: notifications a minute; None: any.
    """

    allowed_origin: str
    allowed_rate: int | None = None
