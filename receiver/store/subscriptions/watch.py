"""Which subscriptions need a look: counted now and then, for metrics and for the doctor."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from receiver.errors import DatabaseAway, NotDerivedYet
from receiver.projection.ledger import Key
from receiver.projection.subscriptions.forecast import SILENCE_LEAST, State
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.questions import LedgerSelection

# Two weeks, so that a person on holiday still has time to subscribe again.
ENDING_SOON = timedelta(days=14)

# Of each kind; more of them need the same look.
COUNTED_MAX = 1000
PAGE_SIZE = 100

# Pages of the ledger that are read for one kind, each of a thousand subscriptions at most.
PAGES_MAX = 20

# Of one look. A thousand subscriptions take about a quarter of a second.
DEADLINE_SECONDS = 60.0

OPEN = (State.ACTIVE, State.SILENT, State.INACTIVE)


class Attention(NamedTuple):
    """How many subscriptions need a look, counted up to 1000 of each kind.

    Attributes:
        ending: their registered expiry is near, and nothing that goes on tells what they tell.
        overdue: their registered expiry passed, and they did not say that they ended.
        silent: nothing came for longer than their rhythm allows.
    """

    ending: int
    overdue: int
    silent: int


class Watch:
    """Looks for subscriptions that need a look.

    Attributes:
        latest: what the latest look found; None: there was none.
    """

    def __init__(self, ledger: Ledger, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self.latest: Attention | None = None
        self._ledger = ledger
        self._deadline_seconds = deadline_seconds

    async def look(self) -> None:
        """Counts anew.

        Raises:
            Unavailable: the database is away, or takes too long; the latest counts stay.
        """
        now = datetime.now(UTC)
        ending = LedgerSelection(states=OPEN, ends_before=now + ENDING_SOON)
        overdue = LedgerSelection(states=[State.OVERDUE], ends_before=now)
        silent = LedgerSelection(states=[State.SILENT], quiet_since=now - SILENCE_LEAST)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                self.latest = Attention(
                    await self._count(ending, is_unreplaced=True),
                    await self._count(overdue),
                    await self._count(silent),
                )
        except NotDerivedYet:
            # A new installation has nothing to look at; another one looks again soon.
            return
        except TimeoutError:
            raise DatabaseAway("the subscriptions cannot be counted in time") from None

    def list_counts(self) -> Mapping[str, int]:
        """Returns the latest counts by their names; empty: there are none."""
        return {} if self.latest is None else self.latest._asdict()

    async def _count(self, selection: LedgerSelection, *, is_unreplaced: bool = False) -> int:
        counted = 0
        after: Key | None = None
        for _ in range(PAGES_MAX):
            entries, after = await self._ledger.page(
                selection, order="asc", after=after, limit=PAGE_SIZE
            )
            counted += sum(not (is_unreplaced and entry.is_replaced) for entry in entries)
            if after is None or counted >= COUNTED_MAX:
                break
        return min(counted, COUNTED_MAX)
