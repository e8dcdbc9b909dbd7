"""The application of migrations; `receiver.store.schema.revisions` tells which are pending."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import psycopg
from psycopg import Connection

from receiver.errors import ConfigurationError, Unavailable
from receiver.lazy import RUN_MIGRATIONS, load
from receiver.store.connections.database import connect, is_pooled, session
from receiver.store.distribution.detecting import is_distributed
from receiver.store.schema.partitions import ensure_partitions
from receiver.store.schema.revisions import (
    OLDEST_SERVED,
    is_for_last,
    known_revisions,
    pending_migrations,
    require_supported,
    spare_older,
)
from receiver.store.schema.rights import Standing, require_migration_rights

# A migration takes seconds, so half of one more does not matter to a waiting replica.
LOCK_POLL_SECONDS = 0.5

# After this time of waiting, a person at a terminal is told why.
TELL_SECONDS = 3.0

# Polled, because a session that waits inside a lock holds a snapshot, and CREATE INDEX CONCURRENTLY
# in the migrating session would wait for it for ever. A lock of the transaction, because a pooler
# keeps one of the session for whoever gets the session next; the time limits of the role would end
# a transaction that stays idle beside the work.
TRY_LOCK = """
SELECT
    set_config('idle_in_transaction_session_timeout', '0', true),
    pg_try_advisory_xact_lock(hashtext('receiver migrate'))
"""

POOLED = (
    "A pooler stands between. Migrations go through it, and leave nothing there;"
    " DATABASE_DIRECT_URL, if it is set, names the way past it."
)
NEWER = (
    "A newer release migrated the database, and this one serves beside it, unless `--finish` was"
    " run: then run `receiver migrate --back` of the newer release first."
)
WAITING = "Waiting for another process that migrates."
BLOCKED = (
    "Waiting for whoever uses a table that the migration changes, such as a report or a backup."
)

DISTRIBUTED = (
    "the events are distributed, and no earlier release serves a distributed database; nothing was"
    " taken back"
)

# Between two tries for a lock, so that what waited behind the first one is done before the second.
LOCK_REST_SECONDS = 3.0


def _say_nothing(_line: str) -> None:
    pass


def migrate(
    conninfo: str,
    *,
    lock_timeout_seconds: float = 600.0,
    tell: Callable[[str], None] = _say_nothing,
    spares_older: bool = False,
) -> list[str]:
    """Applies pending migrations and makes the partitions; safe from several replicas.

    A database that a newer release migrated lacks nothing.

    Args:
        lock_timeout_seconds: limit of the wait for another replica, and for those who use what is
            changed; long, because an index on a large table takes minutes, and a report too.
        tell: called with a line for people: a pooler stands between, the database is newer, or what
            is waited for.
        spares_older: leave out those beside which replicas of an earlier release cannot store,
            unless the database is empty.

    Returns:
        The applied revisions, oldest first.

    Raises:
        ConfigurationError: the server or the database is not for this service, the database is
            read-only, the login lacks a right, or another replica held the lock for the whole time.
        Unavailable: the server is unreachable, or a migration failed.
    """
    with _locked(conninfo, lock_timeout_seconds, tell):
        # An older release that is started again does this first, as it did at its upgrade.
        pending = pending_migrations(conninfo, tell_newer=lambda _: tell(NEWER))
        if spares_older:
            pending = spare_older(pending)
        if pending:
            with session(conninfo, "receiver migrate") as connection:
                standing = Standing.read(connection)
            require_migration_rights(standing, pending, known_revisions()[0])
            _run_when_free(
                lambda: _run(conninfo, "upgrade", pending[-1]), lock_timeout_seconds, tell
            )
        ensure_partitions(conninfo)
    return pending


def take_back(
    conninfo: str,
    *,
    lock_timeout_seconds: float = 600.0,
    tell: Callable[[str], None] = _say_nothing,
) -> list[str]:
    """Takes back the migrations beside which replicas of an earlier release cannot store.

    They change keys and never what is stored, so that nothing is lost. All others stay: an earlier
    release serves beside them.

    Args:
        lock_timeout_seconds: as of `migrate`.
        tell: as of `migrate`.

    Returns:
        The revisions that were taken back, newest first.

    Raises:
        ConfigurationError: as of `migrate`; or the database is newer than this code, or the events
            are distributed, and their key stays.
        Unavailable: as of `migrate`.
    """
    with _locked(conninfo, lock_timeout_seconds, tell):
        pending = pending_migrations(conninfo)
        last = [known for known in known_revisions() if is_for_last(known)]
        applied = [revision for revision in reversed(last) if revision not in pending]
        if applied:
            with session(conninfo, "receiver migrate") as connection:
                standing = Standing.read(connection)
                if is_distributed(connection):
                    raise ConfigurationError(DISTRIBUTED)
            require_migration_rights(standing, applied, known_revisions()[0])
            _run_when_free(
                lambda: _run(conninfo, "downgrade", OLDEST_SERVED), lock_timeout_seconds, tell
            )
    return applied


def _run_when_free(
    run: Callable[[], bool], timeout_seconds: float, tell: Callable[[str], None]
) -> None:
    """Runs migrations; each waits for a lock for a moment only, and is tried again.

    An event that is to be stored waits behind such a wait, so that no wait is as long as a report.
    """
    ends_at: float | None = None
    while not run():
        refused_at = time.monotonic()
        if ends_at is None:
            # What was filled and built before took its own time.
            ends_at = refused_at + timeout_seconds
            tell(BLOCKED)
        if refused_at > ends_at:
            raise Unavailable("a migration failed: what it changes was in use all the time")
        time.sleep(LOCK_REST_SECONDS)


def _run(conninfo: str, direction: Literal["upgrade", "downgrade"], target: str) -> bool:
    """Imports Alembic and runs migrations, as `running.run`; a database without any needs none."""
    is_done: bool = load(RUN_MIGRATIONS)(conninfo, direction, target)
    return is_done


@contextmanager
def _locked(conninfo: str, timeout_seconds: float, tell: Callable[[str], None]) -> Iterator[None]:
    began = time.monotonic()
    is_told = False
    with connect(conninfo, "receiver migrate") as connection:
        require_supported(connection)
        if is_pooled(connection):
            tell(POOLED)
        connection.autocommit = False
        while not _take_lock(connection):
            waited = time.monotonic() - began
            if waited > timeout_seconds:
                raise ConfigurationError("another process has been migrating for too long")
            if waited > TELL_SECONDS and not is_told:
                tell(WAITING)
                is_told = True
            time.sleep(LOCK_POLL_SECONDS)
        # The lock ends with the transaction, and that with the connection.
        yield


def _take_lock(connection: Connection) -> bool:
    try:
        row = connection.execute(TRY_LOCK).fetchone()
    except psycopg.Error as error:
        raise Unavailable(f"the lock cannot be asked for (SQLSTATE {error.sqlstate})") from error
    is_taken = row is not None and bool(row[1])
    if not is_taken:
        connection.rollback()
    return is_taken
