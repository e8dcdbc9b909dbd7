"""The application of migrations; `receiver.store.schema.revisions` tells which are pending."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config

from receiver.errors import ConfigurationError
from receiver.store.connections.database import connect
from receiver.store.connections.engine import migration_engine
from receiver.store.schema.partitions import ensure_partitions
from receiver.store.schema.revisions import migrations_folder, pending_migrations, require_supported

# A migration takes seconds, so half of one more does not matter to a waiting replica.
LOCK_POLL_SECONDS = 0.5

# Polled, because a session that waits inside pg_advisory_lock holds a snapshot, and
# CREATE INDEX CONCURRENTLY in the migrating session would wait for it for ever.
TRY_LOCK = "SELECT pg_try_advisory_lock(hashtext('receiver migrate'))"


def migrate(conninfo: str, *, lock_timeout_seconds: float = 600.0) -> list[str]:
    """Applies every pending migration and makes the partitions; safe from several replicas.

    Args:
        lock_timeout_seconds: limit of the wait for another replica; long, because an index on a
            large table takes minutes.

    Returns:
        The applied revisions, oldest first.

    Raises:
        ConfigurationError: the server is too old, the database is newer than this code, or
            another replica held the lock for the whole time.
        Unavailable: the server is unreachable.
    """
    with _locked(conninfo, lock_timeout_seconds):
        pending = pending_migrations(conninfo)
        if pending:
            with migration_engine(conninfo).connect() as connection:
                configuration = _configuration()
                configuration.attributes["connection"] = connection
                command.upgrade(configuration, "head")
        ensure_partitions(conninfo)
    return pending


@contextmanager
def _locked(conninfo: str, timeout_seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + timeout_seconds
    with connect(conninfo, "receiver migrate") as connection:
        require_supported(connection)
        while True:
            row = connection.execute(TRY_LOCK).fetchone()
            if row is not None and row[0]:
                break
            if time.monotonic() > deadline:
                raise ConfigurationError("another process has been migrating for too long")
            time.sleep(LOCK_POLL_SECONDS)
        # The lock ends with the session.
        yield


def _configuration() -> Config:
    configuration = Config()
    location = str(migrations_folder()).replace("%", "%%")
    configuration.set_main_option("script_location", location)
    configuration.set_main_option("path_separator", "os")
    return configuration
