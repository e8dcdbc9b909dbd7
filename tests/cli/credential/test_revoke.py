"""`receiver credential revoke`: every token ends at once, and a wrong name is one line."""

from datetime import UTC, datetime

from receiver.store.credentials.credentials import list_credentials
from tests.support.command_line import error_of, run


def test_a_revoked_credential_opens_nothing_and_may_be_revoked_again(database: str) -> None:
    run("credential", "create", "operator", "--role", "sink")
    run("credential", "rotate", "operator")
    for _ in range(2):
        ended = run("credential", "revoke", "operator")
        assert (ended.status, ended.stdout, ended.stderr) == (0, "", "Revoked operator.\n")
    now = datetime.now(UTC)
    assert [one.is_valid(now) for one in list_credentials(database)] == [False, False]


def test_an_unknown_name_is_one_line(database: str) -> None:
    assert "no credential of this name" in error_of(run("credential", "revoke", "nobody"))
