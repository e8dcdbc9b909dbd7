"""Pending migrations as a script of SQL, for a database administrator who reads and runs it.

Each migration is a transaction of its own and notes its revision in it, so that a script that was
stopped is followed by another one, of what is left.
"""

from dataclasses import dataclass

from receiver.lazy import PRINT_MIGRATIONS, load
from receiver.release import find_version
from receiver.store.connections.database import session
from receiver.store.connections.sessions import SEARCH_PATH
from receiver.store.schema.revisions import list_pending, read_revision, spare_older

HEAD = """\
-- Device Status Receiver {release}: the schema from {begin} to {end}.
--
-- Run it as the login of the service, which owns its tables and makes one for each month:
--     psql --set ON_ERROR_STOP=1 --file FILE
-- Stop the service before, unless the database is empty: an index may keep events waiting.
-- Where it stops because a table is in use, print and run the rest: `receiver migrate --sql`.

SET client_min_messages = warning;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET search_path = {path};
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0;

"""


# The URL may choose another schema than the usual one.
PATH = "SELECT current_setting('search_path')"


@dataclass(frozen=True, slots=True)
class Script:
    """What an administrator runs.

    Attributes:
        text: for psql; empty: nothing is to be done.
        revisions: of its migrations, oldest first.
        left: those that wait until no replica of an earlier release serves.
    """

    text: str
    revisions: list[str]
    left: list[str]


def compose_script(conninfo: str | None, *, spares_older: bool) -> Script:
    """Returns the script of what a database lacks, and changes nothing.

    Args:
        conninfo: of a login that may read which migration was the last; None: the database is
            empty.
        spares_older: as of `migrate`.

    Raises:
        ConfigurationError: the server is too old, the database is newer than this code or has
            another encoding, or the login may not see the tables.
        Unavailable: the server is unreachable.
    """
    applied, path = None, SEARCH_PATH
    if conninfo is not None:
        with session(conninfo, "receiver migrate") as connection:
            applied = read_revision(connection)
            [(path,)] = connection.execute(PATH).fetchall()
    pending = list_pending(applied, None)
    revisions = spare_older(pending) if spares_older else pending
    left = [revision for revision in pending if revision not in revisions]
    if not revisions:
        return Script("", [], left)
    head = HEAD.format(
        release=find_version(),
        begin=applied or "an empty database",
        end=revisions[-1],
        path=path,
    )
    return Script(head + load(PRINT_MIGRATIONS)(applied, revisions[-1]), revisions, left)
