"""`receiver doctor`: a line or an object for each check, the exit status, and wrong use."""

import json

import pytest
from typer.testing import CliRunner

from receiver.cli.main import app
from receiver.doctor.checks import CHECKS
from receiver.store.credentials.credentials import Role, create_credential, token_digest

CLOSED = "http://127.0.0.1:9"


def test_a_bad_setting_is_named_and_exits_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "s3cret")
    ran = CliRunner().invoke(app, ["doctor", "--json"])
    assert ran.exit_code == 1
    document = json.loads(ran.stdout)
    assert document["state"] == "failed"
    first, *others = document["checks"]
    assert (first["check"], first["state"]) == ("settings", "failed")
    assert "RECEIVER_PORT" in first["message"]
    assert "s3cret" not in ran.output
    assert [first["check"], *(one["check"] for one in others)] == list(CHECKS)
    assert {one["state"] for one in others} == {"skipped"}


def test_a_database_out_of_reach_fails_on_one_line_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://operator:hush-hush@127.0.0.1:9/receiver")
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 1
    lines = ran.stdout.splitlines()
    assert len(lines) == len(CHECKS)
    [line] = [line for line in lines if line.startswith("failed")]
    assert line.split()[1] == "database"
    assert "hush-hush" not in ran.output


def test_warnings_alone_leave_the_exit_status_at_0(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, token_digest("token"), None)
    monkeypatch.setenv("RECEIVER_PROT", "a warning")
    monkeypatch.setenv("DATABASE_URL", conninfo)
    ran = CliRunner().invoke(app, ["doctor", "--json", "--url", CLOSED])
    assert (ran.exit_code, json.loads(ran.stdout)["state"]) == (0, "warning")


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://host", "http://user:s3cret@host", "http://[::1"]
)
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    ran = CliRunner().invoke(app, ["doctor", "--url", url])
    assert ran.exit_code == 2
    assert "--url" in ran.stderr
    assert "s3cret" not in ran.output
