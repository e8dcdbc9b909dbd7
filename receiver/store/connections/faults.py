"""What keeps the database from storing, by SQLSTATE: a word for metrics, a sentence for people."""

from typing import NamedTuple

from receiver.store.connections.sessions import READ_ONLY

# Of a check of a table, and of a row for which no partition is there.
CHECK_VIOLATION = "23514"


class Fault(NamedTuple):
    """A reason that lies outside the batch and may pass: nothing was stored."""

    word: str
    sentence: str


UNREACHABLE = Fault("unreachable", "the database cannot be reached")
NODE_UNREACHABLE = Fault("node-unreachable", "a node of the distributed database cannot be reached")
PARTITION_MISSING = Fault("partition-missing", "the partition of this month is missing")

_NOT_MIGRATED = Fault("not-migrated", "the database is not migrated")
_CONFLICT = Fault("conflict", "another transaction was in the way")

# By the whole SQLSTATE, else by its class of two characters.
_FAULTS = {
    # Two writers store one event at once while the key of identities changes: the second one has to
    # find it in both indexes, and Postgres waits for the first in one of them only.
    "23505": _CONFLICT,
    READ_ONLY: Fault(
        "read-only",
        "the database is read-only: a standby, or default_transaction_read_only is on",
    ),
    "40001": _CONFLICT,
    "40P01": _CONFLICT,
    "42501": Fault(
        "right-missing", "the login of the database lacks a right; `receiver doctor` names it"
    ),
    "42P01": _NOT_MIGRATED,
    "42703": _NOT_MIGRATED,
    "53100": Fault("disk-full", "the disk of the database is full"),
    "53200": Fault("out-of-memory", "the database has no memory left"),
    "53300": Fault("too-many-connections", "the database takes no more connections"),
    "53": Fault("out-of-resources", "the database has met a limit of its own"),
    "55P03": Fault("locked", "a table of the database is locked"),
    "57014": Fault(
        "cancelled", "the database cancelled a commit: a table is locked, or the database is slow"
    ),
    "57P03": Fault("starting", "the database is starting or stopping"),
    "58": Fault("files-failing", "the database cannot use its files"),
}

WORDS = frozenset(
    {
        UNREACHABLE.word,
        NODE_UNREACHABLE.word,
        PARTITION_MISSING.word,
        *(fault.word for fault in _FAULTS.values()),
    }
)


def find_fault(sqlstate: str) -> Fault | None:
    """Returns what is meant by an SQLSTATE; None: it is no such reason."""
    return _FAULTS.get(sqlstate) or _FAULTS.get(sqlstate[:2])
