"""`receiver credential rotate`: a new token, and an end for the others."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.store.credentials.credentials import list_credentials, token_digest
from tests.support.command_line import error_of, run


def test_the_new_token_is_printed_and_the_old_one_ends_with_the_overlap(database: str) -> None:
    old = run("credential", "create", "operator", "--role", "sink").stdout.strip()
    ended = run("credential", "rotate", "operator", "--overlap", "30m")
    assert ended.stderr == "Rotated operator; its other tokens end in 30m, or before.\n"
    ends = {one.token_digest: one.expires_at for one in list_credentials(database)}
    assert ends[token_digest(ended.stdout.strip())] is None
    old_end = ends[token_digest(old)]
    assert old_end is not None
    left = old_end - datetime.now(UTC)
    assert timedelta(minutes=29) < left <= timedelta(minutes=30, seconds=5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nobody",), "there is no unrevoked credential of this name"),
        (("nobody", "--overlap", "soon"), "--overlap must be like"),
        (("nobody", "--expires-at", "soon"), "RFC 3339 with a time zone"),
    ],
)
def test_a_fault_is_one_line(database: str, arguments: tuple[str, ...], message: str) -> None:
    assert message in error_of(run("credential", "rotate", *arguments))
