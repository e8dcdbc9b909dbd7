"""`receiver reprocess`: a summary and an exit status, and one line for wrong use."""

import json

import pytest

from receiver.events.examples import NOTIFICATION
from receiver.store.quarantine.keys import write_quarantine_id
from tests.support.command_line import error_of, run
from tests.support.refused import body_of, keep


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name the ids to reprocess, or --all"),
        (("--all", "AAAAAAAAAAE"), "name the ids to reprocess, or --all"),
        (("nonsense",), "Nothing in quarantine has this id"),
    ],
)
def test_wrong_use_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    assert message == error_of(run("reprocess", *arguments))


def test_a_database_with_pending_migrations_is_refused(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    assert "run `receiver migrate` first" in error_of(run("reprocess", "--all"))


def test_the_exit_status_is_1_while_anything_is_refused(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    monkeypatch.setenv("RECEIVER_LOG_FORMAT", "json")
    keep(conninfo, body_of(NOTIFICATION))
    keep(conninfo, b"{")
    one = run("reprocess", write_quarantine_id(1))
    assert (one.status, one.stdout.splitlines()) == (0, ["stored         1", "refused again  0"])
    everything = run("reprocess", "--all")
    assert (everything.status, everything.stdout.splitlines()[1]) == (1, "refused again  1")
    [audited] = map(json.loads, everything.stderr.splitlines())
    assert (audited["event"], audited["door"]) == ("audit", "command line")
    assert audited["quarantine"] == write_quarantine_id(2)


def test_an_error_in_the_middle_still_prints_what_was_done(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    keep(conninfo, body_of(NOTIFICATION))
    ended = run("reprocess", write_quarantine_id(1), write_quarantine_id(999))
    assert ended.status == 1
    assert ended.stdout.splitlines()[0] == "stored         1"
    assert ended.stderr.splitlines()[-1] == "receiver: Nothing in quarantine has this id"
