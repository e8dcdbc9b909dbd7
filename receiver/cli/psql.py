"""`receiver psql`: psql on the service's database."""

import os
import shutil
import signal
import subprocess
from typing import Annotated

import typer
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from receiver.app.database import Database, find_reports, open_database
from receiver.cli.exits import exits
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.connections.database import is_pooled, session
from receiver.store.connections.sessions import SEARCH_PATH

# libpq sends them at the start of the session, so that no default of role or database reaches an
# answer; a pooler knows them too.
SESSION = {"PGCLIENTENCODING": "UTF8", "PGDATESTYLE": "ISO, YMD", "PGTZ": "UTC"}


@exits(
    {
        0: "psql is done",
        1: "psql met a fatal error, or it failed",
        2: "psql lost its connection, or the use is wrong",
        3: "a script of psql failed where ON_ERROR_STOP is set",
        130: "a signal ended psql: 128 and its number",
    }
)
def psql(
    context: typer.Context,
    reports: Annotated[
        bool, typer.Option("--reports", help="For reports: read the views and nothing else.")
    ] = False,
) -> None:
    """Run psql on the service's database; every argument but --reports is psql's own."""
    with open_database(Settings.from_environment()) as database:
        command = [_find_psql(database), *context.args]
        conninfo = find_reports(database) if reports else _choose_search_path(database.conninfo)
        environment = {**os.environ, **SESSION, **_compose_environment(conninfo)}
        # Ctrl-C must end a query of psql, not this process with its embedded Postgres.
        interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            ended = subprocess.run(command, env=environment, check=False)  # noqa: S603 - psql
        finally:
            signal.signal(signal.SIGINT, interrupt)
    # Of a signal it is negative, and no exit status is.
    status = ended.returncode
    raise typer.Exit(status if status >= 0 else 128 - status)


def _choose_search_path(conninfo: str) -> str:
    """Returns the connection with the search_path of the service, unless a pooler would refuse it.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with session(conninfo, "receiver psql") as connection:
        options = connection.info.options
        if is_pooled(connection) or "search_path" in options.lower():
            return conninfo
    return make_conninfo(conninfo, options=f"{options} -c search_path={SEARCH_PATH}")


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
