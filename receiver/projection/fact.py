"""The fact: what a stored event contributes to the answers about its device."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from receiver.events.axes import NAMES, PLAIN_SPECIFICITY, SPECIFICITIES
from receiver.events.event import Status
from receiver.events.registry import list_synonyms

# A sender's clock may be ahead by this much; beyond it, an event counts when it was received.
LEAD_LIMIT = timedelta(minutes=5)


class Rank(NamedTuple):
    """The order in which events decide: the greatest does. No two events of a device share one.

    Attributes:
        at: when the event counts, aware UTC.
        specificity: of its name.
        digest: 16 bytes of what it says.
    """

    at: datetime
    specificity: int
    digest: bytes


# Below the rank of every event, as no event lies before the year 2000.
LEAST = Rank(datetime(1970, 1, 1, tzinfo=UTC), 0, b"")


def after_all_at(moment: datetime) -> Rank:
    """Returns a rank above that of every event of a moment, and below that of every later one."""
    return Rank(moment, 2**15 - 1, b"")


class Fact(NamedTuple):
    """A stored event, as far as answers are derived from it.

    Attributes:
        credential: the name of the credential that sent it first.
        subscription_id: None: the event names no subscription.
        name: the event name as sent.
        occurred_at: the sender's time, aware UTC.
        received_at: our time of the first arrival, aware UTC.
        digest: 16 bytes of what the event says.
        event_id: the `id` under which readers find the event.
    """

    credential: str
    subscription_id: str | None
    name: str
    occurred_at: datetime
    received_at: datetime
    digest: bytes
    status: Status
    event_id: str

    @property
    def is_ahead(self) -> bool:
        """Whether the sender's time lies too far ahead of the arrival to be believed."""
        return self.occurred_at - self.received_at > LEAD_LIMIT

    @property
    def effective_at(self) -> datetime:
        """When the event counts: at its own time, or at the arrival if that is not believed."""
        return self.received_at if self.is_ahead else self.occurred_at

    @property
    def told_name(self) -> str | None:
        """The name by which coverage counts; None: the event tells nothing on an axis."""
        return next((name for name in list_synonyms(self.name) if name in NAMES), None)

    @property
    def rank(self) -> Rank:
        specificity = SPECIFICITIES.get(self.told_name or "", PLAIN_SPECIFICITY)
        return Rank(self.effective_at, specificity, self.digest)
