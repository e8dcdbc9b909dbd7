"""Commands are light: listing them loads none, and each loads no more than it needs."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from receiver.cli.commands import COMMANDS, Entry, load_command
from receiver.cli.main import app

HEAVY = {
    "alembic",
    "fastapi",
    "httpx",
    "jwt",
    "prometheus_client",
    "psycopg",
    "pydantic",
    "sqlalchemy",
    "uvicorn",
}

# What a command may load of it before it runs. `serve` loads the rest where it serves.
NEEDED = {
    "serve": {"psycopg", "pydantic", "uvicorn"},
    "simulate": {"httpx", "psycopg", "pydantic"},
    "send": {"httpx", "psycopg", "pydantic"},
    "tail": {"httpx", "psycopg", "pydantic"},
    "check": {"pydantic"},
    "conformance": {"httpx", "pydantic"},
    "doctor": {"httpx", "jwt", "psycopg", "pydantic", "sqlalchemy"},
    "config": {"psycopg", "pydantic"},
    "console": {"psycopg", "pydantic"},
    "migrate": {"psycopg", "pydantic"},
    "reprocess": {"psycopg", "pydantic", "sqlalchemy"},
    "maintain": {"psycopg", "pydantic", "sqlalchemy"},
    "rebuild": {"psycopg", "pydantic", "sqlalchemy"},
    "distribute": {"psycopg", "pydantic"},
    "forget": {"psycopg", "pydantic", "sqlalchemy"},
    "export": {"psycopg", "pydantic", "sqlalchemy"},
    "import": {"psycopg", "pydantic", "sqlalchemy"},
    "spool": {"psycopg", "pydantic", "sqlalchemy"},
    "credential": {"psycopg", "pydantic"},
    "subscription": {"psycopg", "pydantic", "sqlalchemy"},
    "psql": {"psycopg", "pydantic"},
    "dsn": {"psycopg", "pydantic"},
    "completion": set(),
}


# What nearly all commands need, and what is imported once for these.
SHARED = {"psycopg", "pydantic"}

# One interpreter, from which a process for each module begins.
PROGRAM = """
import os, sys
from importlib import import_module
import receiver.cli.main
from receiver.lazy import paused_collector
heavy, shared, *modules = map(str.split, sys.argv[1:])
print("receiver.cli.main", *set(heavy) & sys.modules.keys(), flush=True)
def tell(modules):
    for module in modules:
        if os.fork() == 0:
            import_module(module)
            print(module, *set(heavy) & sys.modules.keys(), flush=True)
            os._exit(0)
        os.wait()
with paused_collector():
    tell(modules[0])
    for name in shared:
        import_module(name)
    tell(modules[1])
"""


def module_of(name: str) -> str:
    return COMMANDS[name].place.partition(":")[0]


@pytest.fixture(scope="module")
def heavy_modules() -> dict[str, set[str]]:
    """Which heavy modules the command line has loaded alone, and after the import of a command."""
    modules = [
        " ".join(module_of(name) for name, needed in NEEDED.items() if (needed >= SHARED) is shares)
        for shares in (False, True)
    ]
    command = (sys.executable, "-c", PROGRAM, " ".join(HEAVY), " ".join(SHARED), *modules)
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split() for line in ended.stdout.splitlines()]
    return {module: set(heavy) for module, *heavy in lines}


def test_the_command_line_itself_loads_no_command(heavy_modules: dict[str, set[str]]) -> None:
    assert heavy_modules["receiver.cli.main"] == set()


def test_each_command_says_what_it_needs() -> None:
    assert NEEDED.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_loads_what_it_needs(name: str, heavy_modules: dict[str, set[str]]) -> None:
    assert heavy_modules[module_of(name)] == NEEDED[name]


@pytest.mark.parametrize("entry", COMMANDS.values(), ids=COMMANDS)
def test_the_summary_of_a_command_is_its_own_first_sentence(entry: Entry) -> None:
    first, _, _ = load_command(entry).help.partition("\n\n")
    assert " ".join(first.split()) == entry.summary


def test_the_help_lists_every_command() -> None:
    listed = CliRunner().invoke(app, ["--help"]).stdout.partition("Commands:")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.strip()] == list(COMMANDS)


def test_a_name_that_is_almost_a_command_is_answered_with_it() -> None:
    answered = CliRunner().invoke(app, ["serv"])
    assert (answered.exit_code, "'serve'" in answered.stderr) == (2, True)


@pytest.mark.parametrize("name", ["serve", "credential"])
def test_a_command_helps_in_plain_text_and_offers_no_completion(name: str) -> None:
    helped = CliRunner().invoke(app, [name, "--help"]).stdout
    assert helped.startswith("Usage: ")
    assert "completion" not in helped
