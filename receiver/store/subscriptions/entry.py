"""The entry of the ledger: what is known of one subscription."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from receiver.projection.ledger import Key, Subscription
from receiver.projection.subscriptions.forecast import Forecast, State, Tally
from receiver.projection.subscriptions.gaps import Repeat
from receiver.projection.subscriptions.registration import Registration


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one subscription.

    Attributes:
        as_of: every event that was acknowledged before is in it.
        device_ids: that it is about.
        told: what its events say; None: it has none.
        description: why it ended, in the sender's words.
        is_uncovered: whether it is closed, and nothing that is open tells what it told.
        is_replaced: whether what is open beside it, and does not expire before it, tells all that
            it tells.
        repeats: what it probably did not tell, the earliest first.
        missing: how many events it certainly did not tell.
        forecast: how much of it is left; None: it ended.
    """

    key: Key
    as_of: datetime
    device_ids: Sequence[UUID]
    told: Subscription | None
    registration: Registration | None
    tally: Tally
    description: str | None
    state: State
    is_uncovered: bool
    is_replaced: bool
    repeats: Sequence[Repeat]
    missing: int
    forecast: Forecast | None

    @property
    def position(self) -> Key:
        return self.key
