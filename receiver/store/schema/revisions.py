"""The revisions of the schema: those of this code, and those that a database lacks."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

import receiver
from receiver.errors import ConfigurationError
from receiver.store.connections.database import OLDEST_VERSION, session
from receiver.store.connections.sessions import ENCODING
from receiver.store.schema.rights import Standing, describe_missing_rights, require_place

# This release serves a database from this revision on. Replicas of earlier releases cannot store
# once a later one is applied, so that the later ones wait until all are replaced.
OLDEST_SERVED = "0021"

# A database that was never migrated lacks the table; one that was migrated down has no row in it.
IS_MIGRATED = "SELECT to_regclass('alembic_version') IS NOT NULL"
APPLIED = "SELECT version_num FROM alembic_version"


def migrations_folder() -> Path:
    """Returns the folder of the migrations: in the package, or beside it in a checkout."""
    package = Path(receiver.__file__).parent
    shipped = package / "migrations"
    return shipped if shipped.is_dir() else package.parent / "migrations"


@cache
def known_revisions() -> tuple[str, ...]:
    """Returns the revisions of this code, oldest first: the order of their files' names."""
    files = sorted((migrations_folder() / "versions").glob("*.py"))
    return tuple(file.name.split("_")[3] for file in files)


def revision_head() -> str:
    """Returns the newest revision of this code."""
    return known_revisions()[-1]


def unserved_revisions() -> tuple[str, ...]:
    """Returns the revisions of databases that this release cannot serve yet, oldest first."""
    known = known_revisions()
    return known[: known.index(OLDEST_SERVED)]


def is_for_last(revision: str) -> bool:
    """Tells whether a migration waits until no replica of an earlier release serves any more."""
    known = known_revisions()
    return known.index(revision) > known.index(OLDEST_SERVED)


def spare_older(pending: list[str]) -> list[str]:
    """Returns those of the pending revisions beside which an earlier release stores on.

    That is all of an empty database, which no release serves yet.
    """
    if pending == [*known_revisions()]:
        return pending
    return [revision for revision in pending if not is_for_last(revision)]


def pending_migrations(
    conninfo: str, *, tell_newer: Callable[[str], None] | None = None
) -> list[str]:
    """Returns the revisions that the database lacks, oldest first.

    Args:
        tell_newer: called with the revision of a newer release; the database lacks nothing then, as
            columns are added and never renamed. None: it is refused.

    Raises:
        ConfigurationError: the server is too old, the database is newer or has another encoding,
            or the login may not see the tables.
        Unavailable: the server is unreachable.
    """
    with session(conninfo, "receiver migrate") as connection:
        applied = read_revision(connection)
        if applied is None:
            require_place(Standing.read(connection))
    return list_pending(applied, tell_newer)


def list_pending(applied: str | None, tell_newer: Callable[[str], None] | None) -> list[str]:
    """Returns the revisions that a database lacks, oldest first.

    Args:
        applied: the newest that it has; None: none.
        tell_newer: as of `pending_migrations`.

    Raises:
        ConfigurationError: the database is newer.
    """
    known = known_revisions()
    if applied is None:
        return list(known)
    if applied not in known:
        if tell_newer is not None:
            tell_newer(applied)
            return []
        raise ConfigurationError(
            "the database was migrated by a newer release of this service; run that release"
        )
    return list(known[known.index(applied) + 1 :])


def read_revision(connection: Connection) -> str | None:
    """Returns the newest applied revision; None: none was applied.

    Raises:
        ConfigurationError: the server is too old, the database has another encoding, or the login
            may not see the tables.
    """
    require_supported(connection)
    [(is_migrated,)] = connection.execute(IS_MIGRATED).fetchall()
    if not is_migrated:
        return None
    try:
        rows = connection.execute(APPLIED).fetchall()
    except InsufficientPrivilege:
        missing = describe_missing_rights(connection)
        raise ConfigurationError(missing or "alembic_version may not be read") from None
    return str(rows[0][0]) if rows else None


def require_supported(connection: Connection) -> None:
    """Refuses an old server, and a database that cannot hold every text.

    Raises:
        ConfigurationError: the server is older than `OLDEST_VERSION`, or the encoding of the
            database is not UTF8.
    """
    version = connection.info.server_version
    if version < OLDEST_VERSION:
        raise ConfigurationError(f"Postgres 15 or newer is needed; this is {version // 10000}")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != ENCODING:
        raise ConfigurationError(
            f"the encoding of the database is {encoding}, and only UTF8 holds every text; make"
            " another: CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0"
        )
