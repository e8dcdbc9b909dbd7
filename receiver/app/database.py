"""Which database a command works on: the configured server, or the embedded Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import structlog

from receiver.errors import ConfigurationError
from receiver.postgres import EmbeddedPostgres, default_data_dir, embedded_postgres, has_cluster
from receiver.settings.settings import Settings
from receiver.store.connections.database import session
from receiver.store.connections.reporting import ROLE, allow_login, compose_url, require_role
from receiver.store.schema.migrating import migrate
from receiver.store.schema.partitions import ensure_partitions
from receiver.store.schema.revisions import is_for_last, pending_migrations, read_revision

FINISH = "run `receiver migrate --finish` once no replica of an earlier release serves"


@dataclass(frozen=True, slots=True)
class Database:
    """A database that answers.

    Attributes:
        conninfo: the connection string for libpq.
        direct_conninfo: the same past a transaction pooler.
        embedded: the embedded Postgres behind it; None: a server of its own.
    """

    conninfo: str
    direct_conninfo: str
    embedded: EmbeddedPostgres | None = None


def find_data_dir(settings: Settings) -> Path:
    """Returns the directory of the embedded Postgres and of the first credentials, absolute."""
    data_dir = settings.data_dir or default_data_dir()
    with suppress(RuntimeError):  # a "~" of an unknown user is refused by name once it is used
        data_dir = data_dir.expanduser()
    return data_dir.absolute()


@contextmanager
def open_database(
    settings: Settings, *, must_own: bool = False, may_begin: bool = False
) -> Iterator[Database]:
    """Yields the configured server, or the embedded Postgres.

    If no process runs the embedded Postgres, this one does for the length of the block, and brings
    migrations and partitions up to date first.

    Args:
        must_own: refuse an embedded Postgres that another process runs.
        may_begin: make one where there is none, whatever RECEIVER_DATA_MUST_EXIST says.

    Raises:
        ConfigurationError: no database can be used; the message says why.
    """
    if settings.database_conninfo is not None:
        direct = settings.direct_conninfo or settings.database_conninfo
        yield Database(settings.database_conninfo, direct)
        return
    data_dir = find_data_dir(settings)
    if settings.data_must_exist and not may_begin and not has_cluster(data_dir):
        raise ConfigurationError(
            f"there is no database in {data_dir}, and RECEIVER_DATA_MUST_EXIST is set: mount its"
            " disk, or make a new one with `receiver migrate`"
        )
    with embedded_postgres(data_dir, must_own=must_own) as embedded:
        if embedded.owned:
            _bring_up_to_date(embedded.conninfo)
        yield Database(embedded.conninfo, embedded.conninfo, embedded)


def find_reports(database: Database) -> str:
    """Returns the URL of sessions that read the views and nothing else, past a pooler.

    On the embedded Postgres the role of the reports logs in. Elsewhere the login becomes it.

    Raises:
        ConfigurationError: the login may not become the role, or a pooler stands between.
        Unavailable: the database cannot be reached.
    """
    if database.embedded is not None:
        return compose_url(urlunsplit(urlsplit(database.conninfo)._replace(netloc=f"{ROLE}@")))
    with session(database.direct_conninfo) as connection:
        require_role(connection)
    return compose_url(database.direct_conninfo)


def require_migrated(database: Database) -> None:
    """Refuses a server with pending migrations; an embedded Postgres has none once it is open.

    A server that a newer release migrated is served: its replicas take over one after the other.
    So is one that lacks only the last migrations, which wait until no earlier release serves.

    Raises:
        ConfigurationError: names the pending migrations.
    """
    logger = structlog.get_logger(__name__)

    def tell_newer(revision: str) -> None:
        logger.warning("the database was migrated by a newer release", revision=revision)

    pending = (
        []
        if database.embedded
        else pending_migrations(database.direct_conninfo, tell_newer=tell_newer)
    )
    if not all(map(is_for_last, pending)):
        raise ConfigurationError(
            f"migrations are pending ({', '.join(pending)}); run `receiver migrate` first"
        )
    if pending:
        logger.warning("the last migrations are pending", pending=pending, what_to_do=FINISH)


def describe(database: Database) -> dict[str, str | None]:
    """Returns the version of Postgres and the newest applied migration, for the log.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with session(database.direct_conninfo, "receiver serve") as connection:
        version = connection.info.parameter_status("server_version") or ""
        # What a distribution adds in brackets is left out.
        return {"postgres": version.partition(" ")[0], "migrations": read_revision(connection)}


def _bring_up_to_date(conninfo: str) -> None:
    """Applies pending migrations, makes partitions that a long stop left unmade, opens reports."""
    if pending_migrations(conninfo):
        migrate(conninfo)
    else:
        ensure_partitions(conninfo)
    with session(conninfo) as connection:
        allow_login(connection)
