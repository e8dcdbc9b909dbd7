"""How deep the events of the subscriptions of one page are counted.

Each event that is counted is a block of its own, from anywhere in its table. So a list counts the
latest few events of each subscription, by which it knows the states, and then more of all of them
while that is little work or takes little time. What is named is counted one after the other.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from psycopg import AsyncConnection

from receiver.projection.ledger import Key
from receiver.store.subscriptions.tallies import (
    COUNTED_EVENTS,
    LISTED_EVENTS,
    Counted,
    count_events,
    count_latest,
)

# After so long a list counts no more events. Fifty subscriptions of a hundred events, which are in
# memory, take half of it; where the blocks come from a disk, it is over with the latest few.
LIST_SECONDS = 0.1

# So many events a list counts in a further round in any case: as many as it always counts of fifty.
ROUND_EVENTS = 50 * LISTED_EVENTS

# So many events of what is named are counted with one question, however many subscriptions it is.
TOGETHER_EVENTS = 2000

# A list counts so many times as many events in a further round.
GROWTH = 4

# After so long a page ends where it is.
PAGE_SECONDS = 1.0


class Counting:
    """Counts the events of subscriptions, in the time that a page has.

    Args:
        asked_at: the database's clock.
        clock: in seconds.
    """

    def __init__(
        self, connection: AsyncConnection, asked_at: datetime, clock: Callable[[], float]
    ) -> None:
        self._connection = connection
        self._asked_at = asked_at
        self._clock = clock
        self._begin = clock()
        self._counted: dict[Key, Counted] = {}
        self._round_seconds = 0.0

    @property
    def is_over(self) -> bool:
        """Whether a page that began with this may take no further step."""
        return self._clock() >= self._begin + PAGE_SECONDS

    async def count_latest(self, keys: Sequence[Key]) -> None:
        """Counts the latest few events of subscriptions."""
        begin = self._clock()
        self._counted |= await count_latest(self._connection, keys, self._asked_at)
        self._round_seconds = self._clock() - begin

    def find(self, key: Key) -> Counted:
        """Returns the counts of a subscription, as far as they were taken."""
        return self._counted[key]

    async def count_more(self, keys: Sequence[Key]) -> None:
        """Counts more events of all subscriptions of a list, as long as it may."""
        limit, until = LISTED_EVENTS, self._begin + LIST_SECONDS
        while limit < COUNTED_EVENTS and (rest := self._list_not_whole(keys)):
            limit = min(GROWTH * limit, COUNTED_EVENTS)
            begin = self._clock()
            is_little = len(rest) * limit <= ROUND_EVENTS
            if not is_little and begin + GROWTH * self._round_seconds > until:
                return
            self._counted |= await count_events(self._connection, rest, self._asked_at, limit)
            self._round_seconds = self._clock() - begin

    async def count_each(self, keys: Sequence[Key]) -> int:
        """Counts up to `COUNTED_EVENTS` of each subscription, those of many one after the other.

        Returns:
            How many of the subscriptions are counted now: one at least, and fewer than all where
            the page is over.
        """
        limit = max(TOGETHER_EVENTS // max(len(keys), 1), LISTED_EVENTS)
        self._counted |= await count_events(self._connection, keys, self._asked_at, limit)
        rest = set(self._list_not_whole(keys))
        for number, key in enumerate(keys):
            if key not in rest:
                continue
            if number and self.is_over:
                return number
            self._counted |= await count_events(
                self._connection, [key], self._asked_at, COUNTED_EVENTS
            )
        return len(keys)

    def _list_not_whole(self, keys: Collection[Key]) -> list[Key]:
        return [key for key in keys if not self._counted[key].tally.is_whole]
