"""How many streams there are: of each credential, and in all."""

from collections import Counter

from receiver.errors import ConnectionsFull, QuestionsExceeded

# A place may be free at any moment; a caller that waits for one asks this often.
RETRY_AFTER_SECONDS = 5.0


class StreamPlaces:
    """Counts the open streams of a process.

    Args:
        limit: in all.
        credential_limit: of one credential.
    """

    def __init__(self, limit: int, credential_limit: int) -> None:
        self._limit = limit
        self._credential_limit = credential_limit
        self._open: Counter[str] = Counter()

    def take(self, credential: str) -> None:
        """Takes a place, which is to be left.

        Raises:
            QuestionsExceeded: the credential has as many streams as it may.
            ConnectionsFull: there are as many streams as there may be.
        """
        if self._open[credential] >= self._credential_limit:
            raise QuestionsExceeded(
                f"More than {self._credential_limit} streams at a time", RETRY_AFTER_SECONDS
            )
        if self._open.total() >= self._limit:
            raise ConnectionsFull("Too many streams are open")
        self._open[credential] += 1

    def leave(self, credential: str) -> None:
        """Leaves a place."""
        self._open[credential] -= 1
        if not self._open[credential]:
            del self._open[credential]
