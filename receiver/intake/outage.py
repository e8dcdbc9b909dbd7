"""Whether anything can be stored, as the tries of the writer tell; nothing is asked for it."""

import time
from collections.abc import Callable

# A failure that ends within this time, such as a restart of Postgres, is waited for and not told.
TOLD_AFTER_SECONDS = 3.0

# Without a try, nothing is known: a service that gets no notification because it is not ready must
# become ready again, or it would never learn that storing works.
FORGOTTEN_AFTER_SECONDS = 30.0


class Outage:
    """The time since the first try that failed, while none has succeeded.

    Attributes:
        reason: a sentence that tells why the latest try failed; None: the latest one succeeded.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began_at = self._failed_at = 0.0
        self.reason: str | None = None

    def note_failure(self, reason: str, took_seconds: float = 0.0) -> None:
        """Notes a try that has failed, or does not end.

        Args:
            took_seconds: how long ago it began.
        """
        now = self._clock()
        if self.reason is None or now - self._failed_at > FORGOTTEN_AFTER_SECONDS:
            self._began_at = now - took_seconds
        self._failed_at, self.reason = now, reason

    def end(self) -> None:
        """Notes a try that stored its batch."""
        self.reason = None

    def tell(self) -> str | None:
        """Returns a sentence if nothing could be stored for some seconds, though it was tried."""
        now = self._clock()
        if self.reason is None or now - self._failed_at > FORGOTTEN_AFTER_SECONDS:
            return None
        # One failure alone lasts no time.
        if self._failed_at - self._began_at < TOLD_AFTER_SECONDS:
            return None
        seconds = now - self._began_at
        return f"no notification could be stored for {seconds:.0f} seconds: {self.reason}"
