"""From the errors of the driver to those of a commit: what is stored, what may be tried again."""

import psycopg

from receiver.errors import (
    CommitRefused,
    CommitUnknown,
    ContentRejected,
    ReceiverError,
    Unavailable,
)
from receiver.store.connections.engine import sqlstate_of
from receiver.store.connections.faults import (
    CHECK_VIOLATION,
    NODE_UNREACHABLE,
    PARTITION_MISSING,
    UNREACHABLE,
    Fault,
    find_fault,
)

# The server ends the session, or a distributed one lost the connection to another node.
LOST = ("08", "57P")

# A distributed database says it of a node that does not confirm the commit, and once of the
# statement for a single server, when its events have become distributed.
INTERNAL = "XX000"


def failed_connection(error: Exception) -> CommitRefused:
    """Returns the error of a commit for which no connection was made."""
    return _refused(find_fault(sqlstate_of(error) or "") or UNREACHABLE)


def failed_before_commit(error: psycopg.Error) -> ReceiverError:
    """Returns the error of a statement in a transaction whose commit was not asked for.

    What is lost there is certainly not stored.
    """
    if error.sqlstate is None and not isinstance(error, psycopg.DataError):
        return _refused(UNREACHABLE)
    if error.sqlstate is not None and error.sqlstate.startswith(LOST):
        return _refused(NODE_UNREACHABLE)
    return failed_commit(error)


def failed_commit(error: psycopg.Error) -> ReceiverError:
    """Returns the error of a commit that was sent; where it may be stored, it is unknown.

    An error that may be due to the content is neither tried again nor waited for: the
    notifications behind it would wait as well.
    """
    sqlstate = error.sqlstate
    if sqlstate is None and isinstance(error, psycopg.DataError):
        return ContentRejected("a value that cannot be sent")
    if sqlstate is None:
        return CommitUnknown("the connection was lost during the commit")
    if (fault := find_fault(sqlstate)) is not None:
        return _refused(fault)
    if sqlstate.startswith(LOST):
        return CommitUnknown("the connection was lost during the commit")
    if sqlstate == INTERNAL:
        return CommitUnknown("the database failed within itself during the commit")
    if sqlstate.startswith("22") or sqlstate == "54000":
        return ContentRejected(f"SQLSTATE {sqlstate}")
    # A check of the table has a name.
    if sqlstate == CHECK_VIOLATION and error.diag.constraint_name is None:
        return _refused(PARTITION_MISSING)
    return Unavailable(f"the database refused the insert: SQLSTATE {sqlstate}")


def _refused(fault: Fault) -> CommitRefused:
    return CommitRefused(fault.sentence, fault.word)
