"""The checks of a database: each fault of a real Postgres is found, with what to do about it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from receiver.app.database import Database
from receiver.doctor import server
from receiver.doctor.diagnosis import CheckResult, CheckState
from receiver.store.connections.database import connect
from receiver.store.connections.reporting import GRANT_VIEWS, MAKE_ROLE
from receiver.store.credentials.credentials import (
    Role,
    create_credential,
    revoke_credential,
    rotate_credential,
    token_digest,
)
from receiver.store.health import examination
from receiver.store.schema.partitions import later, partition_name, read_coverage
from receiver.store.schema.revisions import OLDEST_SERVED


def execute(conninfo: str, statement: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(statement)


def run(conninfo: str, check: Callable[[psycopg.Connection], CheckResult]) -> CheckResult:
    with connect(conninfo) as connection:
        return check(connection)


def credential(conninfo: str, name: str, role: Role, days: float | None = None) -> None:
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    create_credential(conninfo, name, role, token_digest(name), expires_at)


def test_an_old_server_fails(monkeypatch: pytest.MonkeyPatch, conninfo: str) -> None:
    monkeypatch.setattr(server, "OLDEST_VERSION", 990000)
    assert run(conninfo, server.check_version).state is CheckState.FAILED


@pytest.mark.parametrize(("away", "said"), [("+ '7 s'", "ahead"), ("- '7 s'", "behind")])
def test_a_clock_more_than_five_seconds_away_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, conninfo: str, away: str, said: str
) -> None:
    monkeypatch.setattr(examination, "NOW", f"SELECT clock_timestamp() {away}::interval")
    found = run(conninfo, server.check_clock)
    assert found.state is CheckState.WARNING
    assert said in found.message


def test_asynchronous_commits_are_a_warning_that_speaks_of_credentials_alone(conninfo: str) -> None:
    off = make_conninfo(conninfo, options="-c synchronous_commit=off")
    found = run(off, server.check_durability)
    assert found.state is CheckState.WARNING
    assert "synchronous_commit off" in found.message
    assert "last change of a credential" in found.message
    assert "lose" not in found.message


def test_commits_that_a_crash_can_lose_are_a_warning(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    without_sync = "VALUES ('fsync', 'off'), ('synchronous_commit', 'off')"
    monkeypatch.setattr(examination, "DURABILITY", without_sync)
    found = run(conninfo, server.check_durability)
    assert found.state is CheckState.WARNING
    assert "fsync, synchronous_commit off" in found.message
    assert "lose notifications" in found.message


def test_this_months_partition_missing_fails_and_a_later_one_is_a_warning(conninfo: str) -> None:
    with connect(conninfo) as connection:
        month = read_coverage(connection).month
    for months, state in ((3, CheckState.WARNING), (0, CheckState.FAILED)):
        name = partition_name(later(month, months))
        execute(conninfo, f"DROP TABLE {name}")
        found = run(conninfo, server.check_partitions)
        assert found.state is state
        assert name in found.message


def test_reports_without_their_role_or_its_grants_are_a_warning_with_the_sql(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    execute(conninfo, "REVOKE USAGE ON SCHEMA reporting FROM receiver_reporting")
    found = run(conninfo, server.check_reporting_role)
    assert found.state is CheckState.WARNING
    assert GRANT_VIEWS in found.message
    assert MAKE_ROLE not in found.message
    nobody = examination.REPORTING_GRANTED.replace("receiver_reporting", "nobody at all")
    monkeypatch.setattr(examination, "REPORTING_GRANTED", nobody)
    assert MAKE_ROLE in run(conninfo, server.check_reporting_role).message


def test_without_a_valid_sink_credential_the_check_fails(conninfo: str) -> None:
    found = Database(conninfo, conninfo)
    credential(conninfo, "reader", Role.READER)
    credential(conninfo, "doctor.invalid-left-by-a-killed-one-sink", Role.SINK)
    assert server.check_sink_credential(found).state is CheckState.FAILED
    credential(conninfo, "operator", Role.SINK)
    assert server.check_sink_credential(found).state is CheckState.OK
    revoke_credential(conninfo, "operator")
    assert server.check_sink_credential(found).state is CheckState.FAILED


def test_credentials_that_expire_within_fourteen_days_are_named(conninfo: str) -> None:
    found = Database(conninfo, conninfo)
    for name, days in {"soon": 13.9, "later": 14.1, "revoked": 1.0, "never": None}.items():
        credential(conninfo, name, Role.SINK, days)
    revoke_credential(conninfo, "revoked")
    ending = server.check_expiry(found)
    assert ending.state is CheckState.WARNING
    assert "soon expires" in ending.message
    assert not any(name in ending.message for name in ("later", "revoked", "never"))
    revoke_credential(conninfo, "soon")
    assert server.check_expiry(found).state is CheckState.OK


def test_after_a_rotation_the_end_of_the_older_token_is_no_warning(conninfo: str) -> None:
    credential(conninfo, "operator", Role.SINK)
    digest = token_digest("the next one")
    rotate_credential(conninfo, "operator", digest, None, overlap=timedelta(hours=24))
    assert server.check_expiry(Database(conninfo, conninfo)).state is CheckState.OK


def test_a_database_that_is_well_says_so(conninfo: str) -> None:
    database = Database(conninfo, conninfo)
    credential(conninfo, "operator", Role.SINK)
    assert server.check_answer(database).message == "the server of DATABASE_URL answers"
    assert server.check_migrations(database).state is CheckState.OK
    for check in (
        server.check_version,
        server.check_clock,
        server.check_partitions,
        server.check_reporting_role,
    ):
        assert run(conninfo, check).state is CheckState.OK


def test_migrations_that_may_wait_for_older_replicas_are_a_warning(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [OLDEST_SERVED])
    found = server.check_migrations(Database(conninfo, conninfo))
    assert found.state is CheckState.WARNING
    assert "`receiver migrate --finish`" in found.message


def test_a_database_of_a_newer_release_is_a_warning_with_its_revision(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    found = server.check_migrations(Database(conninfo, conninfo))
    assert found.state is CheckState.WARNING
    assert "from-the-future by a newer release" in found.message


def test_pending_migrations_fail_with_their_names_and_the_command(empty_conninfo: str) -> None:
    pending = server.check_migrations(Database(empty_conninfo, empty_conninfo))
    assert pending.state is CheckState.FAILED
    assert "`receiver migrate`" in pending.message
