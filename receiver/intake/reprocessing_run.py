"""One run of reprocessing over named or all refused notifications, and its summary."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from receiver.intake.reprocessing import Reprocessing
from receiver.store.quarantine.entries import QuarantineEntry, RefusalState
from receiver.store.quarantine.quarantine import Quarantine

# Keys that are read in one query: 8 bytes each, and one index scan for so many.
PAGE_SIZE = 500

# Bodies in memory at a time (up to 256 KiB each by default), each with a connection that holds its
# row while the writer stores it.
PARALLEL_MAX = 4

# Reasons that a summary counts apart. Reasons differ by numbers alone, which are taken out, so that
# more kinds than these are not to be expected.
REASONS_MAX = 100
OTHER_REASONS = "other reasons"
_NUMBER = re.compile(r"\d+")


class ReprocessingSummary:
    """The number of notifications that were stored, and of those refused again by reason."""

    def __init__(self) -> None:
        self.stored = 0
        self.refused = 0
        self._reasons: Counter[str] = Counter()

    def count(self, entry: QuarantineEntry) -> None:
        """Counts one; reasons that differ only in a number are one reason."""
        if entry.state is RefusalState.STORED:
            self.stored += 1
            return
        self.refused += 1
        reason = _NUMBER.sub("N", entry.reason)
        if reason not in self._reasons and len(self._reasons) >= REASONS_MAX:
            reason = OTHER_REASONS
        self._reasons[reason] += 1

    def compose_text(self) -> str:
        """Returns a line for those stored, one for those refused, and one for each reason."""
        lines = [f"stored         {self.stored}", f"refused again  {self.refused}"]
        lines += [f"{count:>8}  {reason}" for reason, count in self._reasons.most_common()]
        return "\n".join(lines)


async def reprocess_many(
    reprocessing: Reprocessing,
    quarantine: Quarantine,
    summary: ReprocessingSummary,
    *,
    keys: Sequence[int] = (),
    parallel: int = PARALLEL_MAX,
) -> None:
    """Reprocesses notifications a few at a time.

    Args:
        summary: counts each notification as soon as it is done, also when a later one fails.
        keys: the rows; none: everything that is still refused.
        parallel: how many at a time, at most; each holds a database connection.

    Raises:
        RefusalNotFound: a key is of no row.
        Unavailable: not known to be stored; another run is harmless.
    """
    async for page in _pages(quarantine, keys):
        for start in range(0, len(page), parallel):
            outcomes = await asyncio.gather(
                *(reprocessing.reprocess(key, None) for key in page[start : start + parallel]),
                return_exceptions=True,
            )
            errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
            # All are counted before the first error ends the run.
            for outcome in outcomes:
                if not isinstance(outcome, BaseException):
                    summary.count(outcome)
            if errors:
                raise errors[0]


async def _pages(quarantine: Quarantine, keys: Sequence[int]) -> AsyncIterator[Sequence[int]]:
    if keys:
        yield list(dict.fromkeys(keys))
        return
    after = 0
    while page := await quarantine.refused_keys(after=after, limit=PAGE_SIZE):
        yield page
        after = page[-1]
