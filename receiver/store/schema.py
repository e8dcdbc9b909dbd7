"""The schema's versions: which migrations exist, which are pending, and applying them once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import receiver
from receiver.errors import ConfigurationError
from receiver.store.database import OLDEST_VERSION, connect, migration_engine
from receiver.store.partitions import ensure_partitions

LOCK_POLL_SECONDS = 0.5

# Polled, because a session that waits inside pg_advisory_lock holds a snapshot, and
# CREATE INDEX CONCURRENTLY in the migrating session would wait for it for ever.
TRY_LOCK = "SELECT pg_try_advisory_lock(hashtext('receiver migrate'))"


def migrate(conninfo: str, *, lock_timeout_seconds: float = 600.0) -> list[str]:
    """Applies every pending migration and makes the partitions; safe from several replicas.

    Returns:
        The revisions it applied.

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


def pending_migrations(conninfo: str) -> list[str]:
    """The revisions the database lacks, oldest first.

    Raises:
        ConfigurationError: the server is too old, or the database is newer.
        Unavailable: the server is unreachable.
    """
    scripts = ScriptDirectory.from_config(_configuration())
    with _reached(conninfo):
        pass
    with migration_engine(conninfo).connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    known = {script.revision for script in scripts.walk_revisions()}
    if not known.issuperset(applied):
        raise ConfigurationError(
            "the database was migrated by a newer release of this service; run that release"
        )
    return [
        script.revision
        for script in reversed(list(scripts.iterate_revisions("head", applied or "base")))
    ]


def revision_head() -> str:
    """The newest revision this code knows."""
    head = ScriptDirectory.from_config(_configuration()).get_current_head()
    assert head is not None  # noqa: S101 - the product ships at least one migration
    return head


@contextmanager
def _reached(conninfo: str) -> Iterator[psycopg.Connection]:
    with connect(conninfo, "receiver migrate") as connection:
        if connection.info.server_version < OLDEST_VERSION:
            raise ConfigurationError(
                f"Postgres 15 or newer is needed; this is {connection.info.server_version // 10000}"
            )
        yield connection


@contextmanager
def _locked(conninfo: str, timeout_seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + timeout_seconds
    with _reached(conninfo) as connection:
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
    package = Path(receiver.__file__).parent
    shipped = package / "migrations"
    location = shipped if shipped.is_dir() else package.parent / "migrations"
    configuration = Config()
    configuration.set_main_option("script_location", str(location).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration
