"""`receiver doctor`: what each check says of a real Postgres and of files, and the exit status."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

from receiver.app.database import Database
from receiver.cli.doctor import BEHIND_SETTINGS, diagnoses
from receiver.cli.main import app
from receiver.doctor import machine, server
from receiver.doctor.diagnosis import Outcome, State, examine
from receiver.errors import Unavailable
from receiver.settings.settings import Settings, variable_name
from receiver.store.connections.database import connect
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    revoke_credential,
    token_digest,
)
from receiver.store.health import examination
from receiver.store.schema.partitions import CURRENT_MONTH, later, partition_name

CLOSED = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_name(field), raising=False)


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, State]]:
    """Examines a database, and gives the state of each check."""

    def examined(conninfo: str) -> dict[str, State]:
        monkeypatch.setenv("DATABASE_URL", conninfo)
        return {found.check: found.state for found in diagnoses(CLOSED)}

    return examined


def execute(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement)


def of(conninfo: str, look: Callable[[psycopg.Connection], Outcome]) -> Outcome:
    with connect(conninfo) as connection:
        return look(connection)


def credential(conninfo: str, name: str, role: Role, days: float | None = None) -> None:
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    create_credential(conninfo, name, role, token_digest(name), expires_at)


def test_every_check_is_made_of_a_database_that_is_well(
    states: Callable[[str], dict[str, State]], conninfo: str
) -> None:
    credential(conninfo, "operator", Role.SINK)
    found = states(conninfo)
    # The server of the tests need not survive a crash.
    assert found.pop("durability") in {State.OK, State.WARNING}
    skipped = {"access tokens", "disk space", "first credentials", "post and read back"}
    assert found == {
        check: State.SKIPPED if check in skipped else State.OK
        for check in ("settings", *BEHIND_SETTINGS)
        if check != "durability"
    }


def test_a_database_without_the_schema_fails_and_names_the_command(
    states: Callable[[str], dict[str, State]], empty_conninfo: str
) -> None:
    found = states(empty_conninfo)
    assert found["migrations"] is State.FAILED
    assert {found[check] for check in ("version", "clock")} == {State.OK}
    assert {found[check] for check in ("partitions", "sink credential", "post and read back")} == {
        State.SKIPPED
    }
    pending = server.migrations(Database(empty_conninfo, empty_conninfo))
    assert "`receiver migrate`" in pending.message


def test_a_bad_setting_is_named_and_all_else_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "s3cret")
    ran = CliRunner().invoke(app, ["doctor", "--json"])
    assert ran.exit_code == 1
    document = json.loads(ran.stdout)
    assert document["state"] == "failed"
    first, *others = document["checks"]
    assert (first["check"], first["state"]) == ("settings", "failed")
    assert "RECEIVER_PORT" in first["message"]
    assert "s3cret" not in ran.output
    assert [one["check"] for one in others] == list(BEHIND_SETTINGS)
    assert {one["state"] for one in others} == {"skipped"}


def test_a_database_out_of_reach_fails_on_one_line_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://operator:hush-hush@127.0.0.1:9/receiver")
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 1
    lines = ran.stdout.splitlines()
    assert len(lines) == 1 + len(BEHIND_SETTINGS)
    [line] = [line for line in lines if line.startswith("failed")]
    assert line.split()[1] == "database"
    assert "hush-hush" not in ran.output


def test_warnings_alone_leave_the_exit_status_at_0(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    credential(conninfo, "operator", Role.SINK, days=3)
    monkeypatch.setenv("DATABASE_URL", conninfo)
    ran = CliRunner().invoke(app, ["doctor", "--json", "--url", CLOSED])
    assert (ran.exit_code, json.loads(ran.stdout)["state"]) == (0, "warning")


@pytest.mark.parametrize("url", ["nonsense", "ftp://host", "http://user:s3cret@host"])
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    ran = CliRunner().invoke(app, ["doctor", "--url", url])
    assert ran.exit_code == 2
    assert "s3cret" not in ran.output


def test_a_misspelled_setting_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.settings_are_known().state is State.OK
    monkeypatch.setenv("RECEIVER_PROT", "4711")
    found = machine.settings_are_known()
    assert found.state is State.WARNING
    assert "RECEIVER_PROT" in found.message
    assert "4711" not in found.message


@pytest.mark.parametrize(
    ("limit", "state"), [("SPACE_WARNING", State.WARNING), ("SPACE_FAILED", State.FAILED)]
)
def test_a_full_disk_is_told_also_before_the_data_directory_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: str, state: State
) -> None:
    monkeypatch.setattr(machine, limit, 2**62)
    assert machine.disk_space(tmp_path / "not" / "yet").state is state


def test_tokens_that_others_can_read_fail_by_name_and_not_by_content(tmp_path: Path) -> None:
    assert machine.first_credentials(tmp_path).state is State.SKIPPED
    directory = tmp_path / "first-credentials"
    directory.mkdir(mode=0o700)
    token = directory / "sink"
    token.write_text("s3cret")
    token.chmod(0o600)
    assert machine.first_credentials(tmp_path).state is State.OK
    token.chmod(0o640)
    found = machine.first_credentials(tmp_path)
    assert found.state is State.FAILED
    assert str(token) in found.message
    assert "s3cret" not in found.message
    token.chmod(0o600)
    directory.chmod(0o770)
    assert machine.first_credentials(tmp_path).state is State.FAILED


def test_an_old_server_fails(monkeypatch: pytest.MonkeyPatch, conninfo: str) -> None:
    monkeypatch.setattr(server, "OLDEST_VERSION", 990000)
    assert of(conninfo, server.version).state is State.FAILED


@pytest.mark.parametrize(("away", "said"), [("+ '7 s'", "ahead"), ("- '7 s'", "behind")])
def test_a_clock_more_than_five_seconds_away_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, conninfo: str, away: str, said: str
) -> None:
    monkeypatch.setattr(examination, "NOW", f"SELECT clock_timestamp() {away}::interval")
    found = of(conninfo, server.clock)
    assert found.state is State.WARNING
    assert said in found.message


def test_commits_that_a_crash_can_lose_are_a_warning(conninfo: str) -> None:
    off = make_conninfo(conninfo, options="-c synchronous_commit=off")
    found = of(off, server.durability)
    assert found.state is State.WARNING
    assert "synchronous_commit" in found.message


def test_this_months_partition_missing_fails_and_a_later_one_is_a_warning(conninfo: str) -> None:
    with connect(conninfo) as connection:
        [(month,)] = connection.execute(CURRENT_MONTH).fetchall()
    for months, state in ((3, State.WARNING), (0, State.FAILED)):
        name = partition_name(later(month, months))
        execute(conninfo, f"DROP TABLE {name}")
        found = of(conninfo, server.partitions)
        assert found.state is state
        assert name in found.message


def test_reports_without_their_role_or_its_grants_are_a_warning_with_the_sql(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    execute(conninfo, "REVOKE USAGE ON SCHEMA reporting FROM receiver_reporting")
    found = of(conninfo, server.reporting_role)
    assert found.state is State.WARNING
    assert server.REPORTING_GRANTS in found.message
    assert server.REPORTING_ROLE not in found.message
    nobody = examination.REPORTING_GRANTED.replace("receiver_reporting", "nobody at all")
    monkeypatch.setattr(examination, "REPORTING_GRANTED", nobody)
    assert server.REPORTING_ROLE in of(conninfo, server.reporting_role).message


def test_without_a_valid_sink_credential_the_check_fails(conninfo: str) -> None:
    found = Database(conninfo, conninfo)
    credential(conninfo, "reader", Role.READER)
    credential(conninfo, "doctor.invalid/left-by-a-killed-one/sink", Role.SINK)
    assert server.sink_credential(found).state is State.FAILED
    credential(conninfo, "operator", Role.SINK)
    assert server.sink_credential(found).state is State.OK
    revoke_credential(conninfo, "operator")
    assert server.sink_credential(found).state is State.FAILED


def test_credentials_that_expire_within_fourteen_days_are_named(conninfo: str) -> None:
    found = Database(conninfo, conninfo)
    for name, days in {"soon": 13.9, "later": 14.1, "revoked": 1.0, "never": None}.items():
        credential(conninfo, name, Role.SINK, days)
    revoke_credential(conninfo, "revoked")
    ending = server.expiry(found)
    assert ending.state is State.WARNING
    assert "soon expires" in ending.message
    assert not any(name in ending.message for name in ("later", "revoked", "never"))
    revoke_credential(conninfo, "soon")
    assert server.expiry(found).state is State.OK


def test_a_check_that_breaks_is_a_line_like_any_other() -> None:
    def unavailable() -> Outcome:
        raise Unavailable("one\nline")

    def broken() -> Outcome:
        raise RuntimeError("s3cret")

    assert examine("it", unavailable).message == "one line"
    found = examine("it", broken)
    assert found.state is State.FAILED
    assert "s3cret" not in found.message
