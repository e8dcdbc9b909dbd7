"""The life cycle of bearer tokens on the command line, beside a running service."""

import subprocess
from collections.abc import Mapping

import pytest

from tests.support.service import Installation, Service, notification

GIVEN_TOKEN = "a-token-that-came-from-elsewhere"  # noqa: S105 - made for this file


SHORT_TOKEN = "nineteen-characters"  # noqa: S105 - made for this file
LONG_NAME = "operator" + "-x" * 46


def create(name: str, role: str, *options: str) -> tuple[str, ...]:
    return ("credential", "create", name, "--role", role, *options)


@pytest.fixture(scope="module")
def created(
    service: Service, shared_installation: Installation
) -> Mapping[str, subprocess.CompletedProcess[str]]:
    """What creating some credentials beside the running service printed, by name."""
    roles = {"operator": "sink", "asker": "reader", "chief": "admin", "former": "admin"}
    roles[LONG_NAME] = "sink"
    return {name: shared_installation.run_here(*create(name, role)) for name, role in roles.items()}


def test_the_token_stands_alone_on_stdout(
    created: Mapping[str, subprocess.CompletedProcess[str]],
) -> None:
    for name, command in created.items():
        assert command.returncode == 0
        token, end = command.stdout.split("\n")
        assert end == ""
        assert len(token) >= 40
        assert token.split() == [token]
        assert token not in command.stderr
        assert name in command.stderr


def test_a_new_token_works_at_once_and_for_its_role_alone(
    service: Service, created: Mapping[str, subprocess.CompletedProcess[str]]
) -> None:
    operator, asker, chief = (
        created[name].stdout.strip() for name in ("operator", "asker", "chief")
    )
    event = notification("by-operator", "+99999990004")
    assert service.post(event, operator) == 204
    for token in (asker, chief):
        (found,) = service.history(token, "+99999990004")
        assert (found.event_id, found.credential) == ("by-operator", "operator")
        assert service.post(event, token) == 403
    assert [token for token in (operator, asker, chief) if token in service.stderr] == []


def test_a_list_shows_name_role_and_state_and_names_are_never_used_again(
    shared_installation: Installation, created: Mapping[str, subprocess.CompletedProcess[str]]
) -> None:
    while_valid = shared_installation.run_here(*create("operator", "reader"))
    revoked = shared_installation.run_here("credential", "revoke", "former")
    assert (revoked.returncode, revoked.stdout) == (0, "")
    after_revocation = shared_installation.run_here(*create("former", "admin"))
    listed = shared_installation.run_here("credential", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    rows = [line.split()[:3] for line in listed.stdout.splitlines()]
    assert rows[0] == ["NAME", "ROLE", "STATE"]
    assert {row[0]: (row[1], row[2]) for row in rows if row[0] in created} == {
        "operator": ("sink", "valid"),
        "asker": ("reader", "valid"),
        "chief": ("admin", "valid"),
        "former": ("admin", "revoked"),
        LONG_NAME: ("sink", "valid"),
    }
    assert [row for row in created.values() if row.stdout.strip() in listed.stdout] == []
    for refused in (while_valid, after_revocation):
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.count("\n") == 1
        assert "name" in refused.stderr


def test_what_cannot_be_done_is_told_in_one_line(
    service: Service, shared_installation: Installation
) -> None:
    for command in (
        ("credential", "revoke", "nobody"),
        create("late", "sink", "--expires-at", "2020-01-01T00:00:00Z"),
        create("vague", "sink", "--expires-at", "2999-01-01T00:00:00"),
    ):
        refused = shared_installation.run_here(*command)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith("receiver: ")
        assert refused.stderr.count("\n") == 1


def test_a_token_from_stdin_works_and_is_not_repeated(
    service: Service, shared_installation: Installation
) -> None:
    command = shared_installation.run(
        *create("given", "sink", "--token-stdin"), stdin=f"{GIVEN_TOKEN}\n"
    )
    assert (command.returncode, command.stdout) == (0, "")
    assert GIVEN_TOKEN not in command.stderr
    assert service.post(notification(), GIVEN_TOKEN) == 204


def test_a_short_token_from_stdin_is_refused(
    service: Service, shared_installation: Installation
) -> None:
    refused = shared_installation.run_here(
        *create("guessable", "sink", "--token-stdin"), stdin=f"{SHORT_TOKEN}\n"
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert SHORT_TOKEN not in refused.stderr
    assert service.post(notification(), SHORT_TOKEN) == 401
