"""Which database a command works on, and the commands that are about the database itself."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from receiver.errors import ConfigurationError
from receiver.lazy import MIGRATE, load
from receiver.settings.settings import Settings
from receiver.store.embedded import EmbeddedPostgres, default_data_dir, embedded_postgres
from receiver.store.partitions import ensure_partitions
from receiver.store.revisions import pending_migrations


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


def migrate() -> None:
    """Apply migrations; safe from several replicas at once."""
    settings = Settings.from_environment()
    if settings.direct_conninfo is not None:
        applied = load(MIGRATE)(settings.direct_conninfo)
    else:
        # Opening the embedded Postgres migrates it; one that serves already is migrated.
        with opened(settings):
            applied = []
    typer.echo(f"Applied: {', '.join(applied)}" if applied else "Nothing to apply.", err=True)


def _bring_up_to_date(conninfo: str) -> None:
    """Applies what is pending; makes the partitions, which a long rest left behind, in any case."""
    if pending_migrations(conninfo):
        load(MIGRATE)(conninfo)
    else:
        ensure_partitions(conninfo)


def psql(context: typer.Context) -> None:
    """Run psql on the service's database; every argument is psql's own."""
    with opened(Settings.from_environment()) as database:
        command = [_psql_program(database), *context.args]
        environment = {**os.environ, **_libpq_environment(database.conninfo)}
        # Ctrl-C ends a query, not the Postgres below it.
        interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            ended = subprocess.run(command, env=environment, check=False)  # noqa: S603 - psql
        finally:
            signal.signal(signal.SIGINT, interrupt)
    raise typer.Exit(ended.returncode)


def _libpq_environment(conninfo: str) -> dict[str, str]:
    """The connection as defaults that psql's own options override; the password stays unseen."""
    variables = {
        option.keyword.decode(): option.envvar.decode()
        for option in Conninfo.get_defaults()
        if option.envvar is not None
    }
    return {
        variables[keyword]: str(value)
        for keyword, value in conninfo_to_dict(conninfo).items()
        if keyword in variables
    }


def _psql_program(database: Database) -> str:
    if database.embedded is not None:
        return str(database.embedded.bin_dir / "psql")
    found = shutil.which("psql")
    if found is None:
        raise ConfigurationError("psql is not installed here")
    return found
