"""The schema's versions: which there are, and which a database lacks; applies none."""

from functools import cache
from pathlib import Path

from psycopg import Connection

import receiver
from receiver.errors import ConfigurationError
from receiver.store.connections.database import OLDEST_VERSION, session

# A database that was never migrated does not have the table, and no row is not one of it.
IS_MIGRATED = "SELECT to_regclass('alembic_version') IS NOT NULL"
APPLIED = "SELECT version_num FROM alembic_version"


def migrations_folder() -> Path:
    """Where the migrations are: in the package, or beside it in a checkout."""
    package = Path(receiver.__file__).parent
    shipped = package / "migrations"
    return shipped if shipped.is_dir() else package.parent / "migrations"


@cache
def known_revisions() -> tuple[str, ...]:
    """Those of this code, oldest first, which is the order of the names of their files."""
    files = sorted((migrations_folder() / "versions").glob("*.py"))
    return tuple(file.name.split("_")[3] for file in files)


def revision_head() -> str:
    """The newest revision this code knows."""
    return known_revisions()[-1]


def pending_migrations(conninfo: str) -> list[str]:
    """The revisions the database lacks, oldest first.

    Raises:
        ConfigurationError: the server is too old, or the database is newer.
        Unavailable: the server is unreachable.
    """
    with session(conninfo, "receiver migrate") as connection:
        applied = _applied(connection)
    known = known_revisions()
    if applied is None:
        return list(known)
    if applied not in known:
        raise ConfigurationError(
            "the database was migrated by a newer release of this service; run that release"
        )
    return list(known[known.index(applied) + 1 :])


def require_supported(connection: Connection) -> None:
    """Refuses a server that is too old.

    Raises:
        ConfigurationError: says so.
    """
    version = connection.info.server_version
    if version < OLDEST_VERSION:
        raise ConfigurationError(f"Postgres 15 or newer is needed; this is {version // 10000}")


def _applied(connection: Connection) -> str | None:
    """The newest revision that was applied; None: none was."""
    require_supported(connection)
    [(is_migrated,)] = connection.execute(IS_MIGRATED).fetchall()
    rows = connection.execute(APPLIED).fetchall() if is_migrated else []
    return str(rows[0][0]) if rows else None
