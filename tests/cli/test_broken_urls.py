"""A wrong DATABASE_URL is one line in every command, and shows nothing of itself."""

import pytest

from tests.support.broken_urls import BROKEN, SECRETS
from tests.support.command_line import error_of, run

COMMANDS = (
    ("serve", "--port", "0"),
    ("migrate",),
    ("credential", "list"),
    ("credential", "create", "operator", "--role", "sink"),
    ("credential", "rotate", "operator"),
    ("credential", "revoke", "operator"),
    ("psql", "-c", "SELECT 1"),
    ("reprocess", "--all"),
    ("simulate", "--count", "1"),
)
VARIABLES = ("DATABASE_URL", "DATABASE_DIRECT_URL")


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_names_the_variable_and_shows_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], variable: str
) -> None:
    for url, words in BROKEN:
        monkeypatch.setenv(variable, url)
        line = error_of(run(*command))
        assert (line.startswith(f"{variable}: "), words in line) == (True, True), line
        assert [secret for secret in SECRETS if secret in line] == []


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_doctor_says_it_in_its_first_check(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for url, words in BROKEN:
        monkeypatch.setenv(variable, url)
        ended = run("doctor")
        first = ended.stdout.splitlines()[0]
        assert (ended.status, ended.stderr) == (1, "")
        assert first.startswith("failed   settings")
        assert variable in first
        assert words in first
        assert [secret for secret in SECRETS if secret in ended.stdout] == []


@pytest.mark.parametrize("command", COMMANDS[:-1], ids=" ".join)
def test_no_command_shows_the_password_of_a_host_that_has_no_name(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    for host in ("nowhere.invalid", "a..invalid", f"{'x' * 70}.invalid"):
        monkeypatch.setenv("DATABASE_URL", f"postgresql://kowalski:tajne@{host}/magazyn")
        monkeypatch.setenv("PATH", "/nonexistent")
        assert "tajne" not in error_of(run(*command))
