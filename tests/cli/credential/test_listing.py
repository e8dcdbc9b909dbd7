"""`receiver credential list`: one aligned row for each token, and never the token itself."""

import json
import re

from tests.support.command_line import run


def test_every_token_has_a_row_and_none_is_shown(database: str) -> None:
    tokens = [
        run("credential", "create", "a-long-name-of-an-operator", "--role", "sink").stdout,
        run("credential", "create", "asker", "--role", "reader").stdout,
        run("credential", "rotate", "asker", "--overlap", "1h").stdout,
    ]
    run("credential", "revoke", "a-long-name-of-an-operator")
    listed = run("credential", "list")
    assert (listed.status, listed.stderr) == (0, "")
    head, *rows = listed.stdout.splitlines()
    assert head.split()[:3] == ["NAME", "ROLE", "STATE"]
    assert [row.split()[:3] for row in rows] == [
        ["a-long-name-of-an-operator", "sink", "revoked"],
        ["asker", "reader", "expiring"],
        ["asker", "reader", "valid"],
    ]
    assert {row.index(" reader ") for row in rows[1:]} == {head.index(" ROLE ")}
    assert not any(token.strip() in listed.stdout for token in tokens)


def test_limits_stand_at_the_end_and_times_are_utc(database: str) -> None:
    limits = ("--type", "*.a", "--source", "//c", "--expires-at", "2999-01-01T02:00:00+02:00")
    run("credential", "create", "operator", "--role", "sink", *limits)
    _, row = run("credential", "list").stdout.splitlines()
    assert "2999-01-01T00:00:00Z" in row
    assert row.endswith("*.a //c")


def test_without_credentials_the_headings_stand_alone(database: str) -> None:
    assert len(run("credential", "list").stdout.splitlines()) == 1


def test_as_json_each_token_is_an_object_without_members_that_are_unknown(database: str) -> None:
    limits = ("--type", "*.a", "--source", "//c", "--expires-at", "2999-01-01T02:00:00+02:00")
    token = run("credential", "create", "operator", "--role", "sink", *limits).stdout.strip()
    run("credential", "create", "asker", "--role", "reader")
    run("credential", "revoke", "asker")
    listed = run("credential", "list", "--json")
    assert (listed.status, listed.stderr) == (0, "")
    assert token not in listed.stdout
    operator, asker = json.loads(listed.stdout)["credentials"]
    for time in (asker.pop("createdAt"), operator.pop("createdAt"), asker.pop("revokedAt")):
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", time)
    nothing: list[str] = []
    assert asker == {
        "name": "asker",
        "role": "reader",
        "state": "revoked",
        "types": nothing,
        "sources": nothing,
    }
    assert operator == {
        "name": "operator",
        "role": "sink",
        "state": "valid",
        "expiresAt": "2999-01-01T00:00:00Z",
        "types": ["*.a"],
        "sources": ["//c"],
    }


def test_as_json_no_credential_is_an_empty_list(database: str) -> None:
    assert json.loads(run("credential", "list", "--json").stdout) == {"credentials": []}
