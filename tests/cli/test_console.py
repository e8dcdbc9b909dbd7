"""`receiver console`: the link alone on stdout, and one line for what keeps it from being made."""

import webbrowser

import pytest

from receiver.store.credentials.credentials import Role, create_credential
from tests.support.command_line import error_of, run
from tests.support.store.database import column

SIGNED_IN = "SELECT credential FROM console_link"


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, conninfo: str) -> str:
    """A configured database that has a reader and an admin."""
    monkeypatch.setenv("DATABASE_URL", conninfo)
    create_credential(conninfo, "the-admin", Role.ADMIN, b"\1", None)
    create_credential(conninfo, "the-reader", Role.READER, b"\2", None)
    return conninfo


def test_the_link_alone_is_on_stdout_and_whom_it_signs_in_on_stderr(database: str) -> None:
    ended = run("console")
    assert ended.status == 0
    [link] = ended.stdout.splitlines()
    assert link.startswith("http://127.0.0.1:8000/console/enter?key=")
    assert ended.stderr == "Signs in as the reader the-reader, once within 5 minutes:\n"
    assert column(database, SIGNED_IN) == ["the-reader"]


def test_options_name_whom_and_where(database: str) -> None:
    ended = run("console", "--credential", "the-admin", "--url", "https://r.example.com/")
    assert ended.stdout.startswith("https://r.example.com/console/enter?key=")
    assert column(database, SIGNED_IN) == ["the-admin"]


@pytest.mark.parametrize("is_found", [True, False])
def test_a_browser_is_opened_where_there_is_one(
    database: str, monkeypatch: pytest.MonkeyPatch, is_found: bool
) -> None:
    opened: list[str] = []

    def open_(url: str) -> bool:
        opened.append(url)
        return is_found

    monkeypatch.setattr(webbrowser, "open", open_)
    ended = run("console", "--open")
    assert opened == ended.stdout.splitlines()
    assert ended.status == (0 if is_found else 1)
    assert ("no browser was found" in ended.stderr) is not is_found


@pytest.mark.parametrize(
    "url", ["r.example.com", "ftp://r.example.com", "https://", "https://[", "https://a?b", "x"]
)
def test_what_is_no_place_is_a_wrong_use(database: str, url: str) -> None:
    ended = run("console", "--url", url)
    assert (ended.status, ended.stdout) == (2, "")
    assert column(database, SIGNED_IN) == []


def test_a_service_without_a_console_has_no_link(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEIVER_CONSOLE", "false")
    assert "RECEIVER_CONSOLE" in error_of(run("console"))
    assert column(database, SIGNED_IN) == []


def test_an_unknown_place_is_asked_for(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "0")
    assert "give --url" in error_of(run("console"))
    assert column(database, SIGNED_IN) == []


def test_a_credential_that_may_not_look_is_named_as_such(database: str) -> None:
    create_credential(database, "operator", Role.SINK, b"\3", None)
    assert "name one that reads" in error_of(run("console", "--credential", "operator"))


def test_a_database_that_lacks_migrations_is_migrated_first(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    assert "run `receiver migrate` first" in error_of(run("console"))
