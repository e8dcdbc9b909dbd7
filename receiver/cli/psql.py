"""`receiver psql`: psql on the service's database."""

import os
import shutil
import signal
import subprocess

import typer
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from receiver.app.database import Database, open_database
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings


def psql(context: typer.Context) -> None:
    """Run psql on the service's database; every argument is psql's own."""
    with open_database(Settings.from_environment()) as database:
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
