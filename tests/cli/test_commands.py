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


def heavy_modules_after(statement: str) -> set[str]:
    """Which heavy modules a fresh interpreter has loaded after a statement."""
    program = f"{statement}; import sys; print(*{HEAVY} & sys.modules.keys())"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(ended.stdout.split())


def test_the_command_line_itself_loads_no_command() -> None:
    assert heavy_modules_after("import receiver.cli.main") == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_loads_what_it_needs(name: str) -> None:
    module = COMMANDS[name].place.partition(":")[0]
    assert heavy_modules_after(f"import {module}") == NEEDED[name]


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
