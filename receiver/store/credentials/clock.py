"""The clock of the database, as the last look at the credentials read it.

A clock that is wrong must turn no sender away: a token has expired once this clock and that of the
machine both say so. Of two clocks that differ, the one that is behind lets a token live longer, and
by no more than the difference.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

# Two clocks that follow time servers differ by milliseconds.
DIFFERENCE_SECONDS = 60.0

# Between two lines of the log that say so.
WARN_EVERY_SECONDS = 3600.0


class DatabaseClock:
    """Goes on from its last reading by a timer that nobody sets.

    Args:
        timer: seconds that never go back.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._read: tuple[datetime, float] | None = None
        self._warned_at = float("-inf")
        self._log = structlog.get_logger(__name__)

    def note(self, theirs: datetime, ours: datetime) -> None:
        """Takes a reading of both clocks, and warns where they differ.

        Args:
            theirs: of the database.
            ours: of the machine, at about the same time.
        """
        self._read = theirs, self._timer()
        ahead_seconds = (theirs - ours).total_seconds()
        if abs(ahead_seconds) < DIFFERENCE_SECONDS:
            self._warned_at = float("-inf")
        elif self._timer() - self._warned_at >= WARN_EVERY_SECONDS:
            self._warned_at = self._timer()
            self._log.warning(
                "the clocks of the database and of this machine differ",
                database_ahead_seconds=round(ahead_seconds),
            )

    def now(self) -> datetime | None:
        """Returns the time there, aware UTC; None: it was never read."""
        if self._read is None:
            return None
        at, read_at = self._read
        return at + timedelta(seconds=self._timer() - read_at)

    def earlier(self, ours: datetime) -> datetime:
        """Returns the earlier one of both clocks: what has expired then has certainly expired."""
        theirs = self.now()
        return ours if theirs is None else min(ours, theirs)

    def later(self, ours: datetime) -> datetime:
        """Returns the later one of both clocks: what is not valid then is certainly not valid."""
        theirs = self.now()
        return ours if theirs is None else max(ours, theirs)
