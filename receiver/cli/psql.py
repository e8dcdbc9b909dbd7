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
from receiver.store.connections.sessions import forget_shell_variables

# libpq sends them at the start of the session, so that no default of role or database reaches an
# answer; a pooler knows them too.
SESSION = {"PGCLIENTENCODING": "UTF8", "PGDATESTYLE": "ISO, YMD", "PGTZ": "UTC"}


def psql(context: typer.Context) -> None:
    """Run psql on the service's database; every argument is psql's own."""
    with open_database(Settings.from_environment()) as database:
        command = [_find_psql(database), *context.args]
        forget_shell_variables()
        environment = {**os.environ, **SESSION, **_compose_environment(database.conninfo)}
        # Ctrl-C must end a query of psql, not this process with its embedded Postgres.
        interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            ended = subprocess.run(command, env=environment, check=False)  # noqa: S603 - psql
        finally:
            signal.signal(signal.SIGINT, interrupt)
    raise typer.Exit(ended.returncode)


def _compose_environment(conninfo: str) -> dict[str, str]:
    """Returns the connection as variables, which options of psql override and no list shows."""
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


def _find_psql(database: Database) -> str:
    if database.embedded is not None:
        return str(database.embedded.bin_dir / "psql")
    program = shutil.which("psql")
    if program is None:
        raise ConfigurationError("psql is not installed here")
    return program
