"""Runs migrations by Alembic; only this module imports it, and only pending ones import this."""

from io import StringIO
from typing import Literal

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from receiver.errors import Unavailable
from receiver.store.connections.engine import migration_engine, sqlstate_of
from receiver.store.schema.revisions import migrations_folder

DIRECTIONS = {"upgrade": command.upgrade, "downgrade": command.downgrade}

# A lock that was not given in time, and a deadlock: nothing of the step was done.
OF_LOCKS = ("55P03", "40P01")


def run(conninfo: str, direction: Literal["upgrade", "downgrade"], target: str) -> bool:
    """Runs migrations up or down to one; False: a lock was not to be had, the rest is left.

    Raises:
        Unavailable: a migration failed.
    """
    try:
        with migration_engine(conninfo).connect() as connection:
            configuration = _configuration()
            configuration.attributes["connection"] = connection
            DIRECTIONS[direction](configuration, target)
    except DBAPIError as error:
        sqlstate = sqlstate_of(error)
        if sqlstate in OF_LOCKS:
            return False
        raise Unavailable(f"a migration failed (SQLSTATE {sqlstate})") from error
    return True


def print_commands(begin: str | None, end: str) -> str:
    """Returns the commands that migrations execute, and connects to nothing.

    Args:
        begin: the revision of the database; None: it is empty.
        end: the revision after them.
    """
    printed = StringIO()
    configuration = _configuration(printed)
    command.upgrade(configuration, end if begin is None else f"{begin}:{end}", sql=True)
    return printed.getvalue()


def _configuration(printed: StringIO | None = None) -> Config:
    configuration = Config(output_buffer=printed)
    location = str(migrations_folder()).replace("%", "%%")
    configuration.set_main_option("script_location", location)
    configuration.set_main_option("path_separator", "os")
    return configuration
