"""What a start imports: the application and the command line, without what they may not need."""

import subprocess
import sys

import pytest

# Each is imported where it is used, if it is: by an installation with an authorization server, by
# a database that lacks migrations, by a command that draws.
UNNEEDED = {
    "alembic": "migrations",
    "cryptography": "signatures of access tokens",
    "httpx": "fetches, the client and the simulator",
    "jwt": "access tokens",
    "mako": "migrations",
    "opentelemetry.sdk": "traces",
    "pyarrow": "Parquet",
}
# Beside them, what only a service needs.
OF_THE_SERVICE = {
    "asyncio": "the service",
    "fastapi": "the service",
    "psycopg": "the database",
    "pydantic": "settings and answers",
    "sqlalchemy": "the database",
    "structlog": "the log",
    "uvicorn": "the service",
}

APPLICATION = "import receiver.app.application"
SERVE = """
from receiver.lazy import load
load("receiver.cli.serve:serve")
import receiver.app.worker
"""
COMMAND_LINE = "import sys; sys.argv = ['receiver', '{}']; import receiver.__main__"
MIGRATE = """
from receiver.store.schema.migrating import migrate
assert migrate({!r}) == []
"""

LIST = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
"""


def modules_of(program: str) -> set[str]:
    command = (sys.executable, "-c", f"{LIST}{program}")
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(ended.stderr.split())


@pytest.mark.parametrize("program", [APPLICATION, SERVE])
def test_a_service_imports_nothing_that_it_may_not_need(program: str) -> None:
    assert sorted(modules_of(program) & set(UNNEEDED)) == []


def test_a_database_that_lacks_no_migration_is_looked_at_without_alembic(conninfo: str) -> None:
    assert "alembic" not in modules_of(MIGRATE.format(conninfo))


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_import_nothing_of_the_service(option: str) -> None:
    modules = modules_of(COMMAND_LINE.format(option))
    assert sorted(modules & {*UNNEEDED, *OF_THE_SERVICE}) == []
