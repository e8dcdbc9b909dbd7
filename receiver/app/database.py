"""Which database a command works on: the configured server, or the embedded Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from receiver.errors import ConfigurationError
from receiver.lazy import MIGRATE, load
from receiver.postgres import EmbeddedPostgres, default_data_dir, embedded_postgres
from receiver.settings.settings import Settings
from receiver.store.schema.partitions import ensure_partitions
from receiver.store.schema.revisions import pending_migrations


@dataclass(frozen=True, slots=True)
class Database:
    """A database that is there and can be used.

    Attributes:
        conninfo: what libpq connects with.
        direct_conninfo: the same past a transaction pooler.
        embedded: the embedded Postgres behind it; None for a real server.
    """

    conninfo: str
    direct_conninfo: str
    embedded: EmbeddedPostgres | None = None


def data_dir(settings: Settings) -> Path:
    """Where the embedded Postgres and the first credentials live."""
    return settings.data_dir or default_data_dir()


@contextmanager
def opened(settings: Settings, *, must_own: bool = False) -> Iterator[Database]:
    """The configured server, or the embedded Postgres, run for the block if nobody runs it.

    Args:
        must_own: refuse an embedded Postgres that another process owns.

    Raises:
        ConfigurationError: there is no usable database; the message says why.
    """
    if settings.database_conninfo is not None:
        direct = settings.direct_conninfo or settings.database_conninfo
        yield Database(settings.database_conninfo, direct)
        return
    with embedded_postgres(data_dir(settings), must_own=must_own) as embedded:
        if embedded.owned:
            _bring_up_to_date(embedded.conninfo)
        yield Database(embedded.conninfo, embedded.conninfo, embedded)


def require_migrated(found: Database) -> None:
    """Refuses a server whose migrations are pending; opening an embedded one applied them.

    Raises:
        ConfigurationError: names them.
    """
    pending = [] if found.embedded else pending_migrations(found.direct_conninfo)
    if pending:
        raise ConfigurationError(
            f"migrations are pending ({', '.join(pending)}); run `receiver migrate` first"
        )


def _bring_up_to_date(conninfo: str) -> None:
    """Applies what is pending; makes the partitions, which a long rest left behind, in any case."""
    if pending_migrations(conninfo):
        load(MIGRATE)(conninfo)
    else:
        ensure_partitions(conninfo)
