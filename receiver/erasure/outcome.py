"""What came of an erasure."""

from typing import NamedTuple
from uuid import UUID

from receiver.store.erasure.counts import Removed
from receiver.store.erasure.mentions import Mentions

# Where this service removes nothing, in an answer's words.
ELSEWHERE = (
    "backups",
    "write-ahead log, its archives and standbys that are behind",
    "data files, until Postgres uses the room again",
    "exports, and what applications and analysts have read",
    "open streams, for half a minute",
    "logs of proxies",
)


class Erased(NamedTuple):
    """What an erasure reached, and what it found and did not reach.

    Attributes:
        erasure_id: of its row; None: it was a rehearsal.
        removed: a rehearsal removes nothing, and says what would be.
        mentions: in payloads of other devices' events.
        spool_files: that other processes have, or that are damaged.
        statistics: tables whose statistics still tell a value.
    """

    erasure_id: UUID | None
    removed: Removed
    mentions: Mentions
    spool_files: int = 0
    statistics: tuple[str, ...] = ()
