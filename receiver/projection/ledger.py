"""The ledger: what the events of one subscription say about it, in whatever order they come."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from receiver.projection.fact import Fact

ENDS = frozenset({"subscription-ended", "subscription-ends"})
STARTED = "subscription-started"
UPDATED = "subscription-updated"
INACTIVE = "SUBSCRIPTION_INACTIVE"

Key = tuple[str, str]


class Closing(NamedTuple):
    """The moment from which on a subscription tells nothing more.

    Attributes:
        reason: `subscription-ended`, or `subscription-inactive`.
    """

    at: datetime
    reason: str


class Subscription(NamedTuple):
    """What is known of a subscription; every member merges by greatest, least or union.

    Attributes:
        names: the event names on an axis that it ever told.
        first_at: of its earliest event.
        started_at: of the earliest event that says that it started.
        end: when, digest and reason of the latest event that says that it ended.
        update: when, digest and reason of the latest event that says that it changed.
    """

    names: frozenset[str]
    first_at: datetime
    started_at: datetime | None = None
    end: tuple[datetime, bytes, str | None] | None = None
    update: tuple[datetime, bytes, str | None] | None = None

    @property
    def closing(self) -> Closing | None:
        """When it closed; None: it is open. Inactive is closed until it is active again."""
        end = None if self.end is None else Closing(self.end[0], "subscription-ended")
        if self.update is None or self.update[2] != INACTIVE:
            return end
        pause = Closing(self.update[0], "subscription-inactive")
        return pause if end is None else min(end, pause)

    def is_open_at(self, moment: datetime) -> bool:
        """Whether it told what happened just after a moment."""
        closing = self.closing
        return self.first_at <= moment and (closing is None or closing.at > moment)


def merge(one: Subscription, other: Subscription) -> Subscription:
    """Returns what two parts of the events of a subscription say together."""
    started = [at for at in (one.started_at, other.started_at) if at is not None]
    ends = [end for end in (one.end, other.end) if end is not None]
    updates = [update for update in (one.update, other.update) if update is not None]
    return Subscription(
        names=one.names | other.names,
        first_at=min(one.first_at, other.first_at),
        started_at=min(started, default=None),
        end=max(ends, key=_rank, default=None),
        update=max(updates, key=_rank, default=None),
    )


def fold(facts: Iterable[Fact]) -> dict[Key, Subscription]:
    """Returns the subscriptions that a device's events name, by credential and subscription id."""
    ledger: dict[Key, Subscription] = {}
    for fact in facts:
        if fact.subscription_id is None:
            continue
        key = fact.credential, fact.subscription_id
        said = _read(fact)
        ledger[key] = merge(ledger[key], said) if key in ledger else said
    return ledger


def _read(fact: Fact) -> Subscription:
    at, digest, name = fact.effective_at, fact.digest, fact.name
    told = fact.told_name
    return Subscription(
        names=frozenset() if told is None else frozenset({told}),
        first_at=at,
        started_at=at if name == STARTED else None,
        end=(at, digest, fact.status.termination_reason) if name in ENDS else None,
        update=(at, digest, fact.status.update_reason) if name == UPDATED else None,
    )


def _rank(event: tuple[datetime, bytes, str | None]) -> tuple[datetime, bytes]:
    return event[:2]
