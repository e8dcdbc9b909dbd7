"""`receiver credential create`: prints a token, stores its digest, names a fault in one line."""

from datetime import UTC, datetime

import pytest

from receiver.store.credentials.credentials import Role, list_credentials, token_digest
from tests.support.command_line import error_of, run

GIVEN = "a-token-that-came-from-elsewhere"


def test_the_token_alone_is_on_stdout_and_its_digest_is_stored(database: str) -> None:
    ended = run("credential", "create", "operator", "--role", "sink")
    assert (ended.status, ended.stderr) == (0, "Created sink credential operator.\n")
    [created] = list_credentials(database)
    assert token_digest(ended.stdout.removesuffix("\n")) == created.token_digest
    assert (created.name, created.role, created.expires_at) == ("operator", Role.SINK, None)


def test_the_options_become_the_credential(database: str) -> None:
    options = ("--type", "*.a", "--type", "*.b", "--source", "//c/*")
    expires = ("--expires-at", "2999-01-01T00:00:00Z")
    assert run("credential", "create", "limited", "--role", "sink", *options, *expires).status == 0
    [created] = list_credentials(database)
    assert (created.types, created.sources) == (("*.a", "*.b"), ("//c/*",))
    assert created.expires_at == datetime(2999, 1, 1, tzinfo=UTC)


def test_a_given_token_is_stored_and_not_repeated(database: str) -> None:
    command = ("credential", "create", "given", "--role", "reader", "--token-stdin")
    ended = run(*command, stdin=f"{GIVEN}\n")
    assert (ended.status, ended.stdout) == (0, "")
    assert GIVEN not in ended.stderr
    [created] = list_credentials(database)
    assert token_digest(GIVEN) == created.token_digest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("two\nlines", "--role", "sink"), "must be plain words"),
        (("jwt:client", "--role", "sink"), "must be plain words"),
        (("+99999991000", "--role", "sink"), "never a phone number, address or token"),
        (("asker", "--role", "reader", "--type", "*"), "the role sink, which alone sends"),
        (("late", "--role", "sink", "--expires-at", "2020-01-01T00:00:00Z"), "lies in the past"),
        (("short", "--role", "sink", "--token-stdin"), "at least 20 printable"),
    ],
)
def test_a_fault_is_one_line_and_nothing_is_made(
    database: str, arguments: tuple[str, ...], message: str
) -> None:
    assert message in error_of(run("credential", "create", *arguments, stdin="nineteen-characters"))
    assert list_credentials(database) == []


@pytest.mark.parametrize(
    ("arguments", "named"), [(("operator",), "--role"), (("operator", "--role", "king"), "king")]
)
def test_a_role_must_be_given_and_known(arguments: tuple[str, ...], named: str) -> None:
    ended = run("credential", "create", *arguments)
    assert (ended.status, ended.stdout) == (2, "")
    assert named in ended.stderr
