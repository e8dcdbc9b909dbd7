"""The checks run in one order, each as soon as it may, and keep their line when skipped."""

import pytest

from receiver.doctor.checks import (
    BEHIND_DATABASE,
    BEHIND_MIGRATIONS,
    BEHIND_SETTINGS,
    CHECKS,
    DATABASE,
    DISK_SPACE,
    FIRST_CREDENTIALS,
    MIGRATIONS,
    ROUND_TRIP,
    SETTINGS,
    diagnose,
)
from receiver.doctor.diagnosis import CheckState
from receiver.store.credentials.credentials import Role, create_credential, token_digest
from tests.support.processes import open_folder

CLOSED = "http://127.0.0.1:9"


def states() -> dict[str, CheckState]:
    """The state of each check; every run has the same lines."""
    found = {diagnosis.check: diagnosis.state for diagnosis in diagnose(CLOSED)}
    assert tuple(found) == CHECKS
    return found


def test_every_check_is_made_of_a_database_that_is_well(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, token_digest("token"), None)
    monkeypatch.setenv("DATABASE_URL", conninfo)
    found = states()
    # The server of the tests need not survive a crash.
    assert found.pop("durability") in {CheckState.OK, CheckState.WARNING}
    skipped = {"access tokens", "spool", DISK_SPACE, FIRST_CREDENTIALS, "subscriptions", ROUND_TRIP}
    assert found == {
        check: CheckState.SKIPPED if check in skipped else CheckState.OK
        for check in CHECKS
        if check != "durability"
    }


def test_a_bad_setting_fails_and_all_else_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "s3cret")
    found = states()
    assert found.pop(SETTINGS) is CheckState.FAILED
    assert found == dict.fromkeys(BEHIND_SETTINGS, CheckState.SKIPPED)


def test_without_the_database_only_what_needs_none_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/receiver")
    found = states()
    assert (found[SETTINGS], found[DATABASE]) == (CheckState.OK, CheckState.FAILED)
    assert {found[check] for check in BEHIND_DATABASE} == {CheckState.SKIPPED}


def test_without_the_schema_the_server_is_checked_and_nothing_behind_it(
    monkeypatch: pytest.MonkeyPatch, empty_conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_conninfo)
    found = states()
    assert {found[check] for check in (DATABASE, "version", "clock")} == {CheckState.OK}
    assert found[MIGRATIONS] is CheckState.FAILED
    assert {found[check] for check in BEHIND_MIGRATIONS} == {CheckState.SKIPPED}


def test_an_embedded_postgres_that_runs_for_the_doctor_serves_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open_folder() as folder:
        monkeypatch.setenv("RECEIVER_DATA_DIR", str(folder / "data"))
        found = states()
    assert found[DATABASE] is CheckState.OK
    assert found[DISK_SPACE] is not CheckState.SKIPPED
    # Nothing was posted: no service runs, and the first start was not yet.
    assert found[ROUND_TRIP] is CheckState.SKIPPED
    assert found["sink credential"] is CheckState.WARNING


def test_without_a_known_port_the_round_trip_asks_for_the_url(
    monkeypatch: pytest.MonkeyPatch, conninfo: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", conninfo)
    monkeypatch.setenv("RECEIVER_PORT", "0")
    *_, last = diagnose(None)
    assert (last.check, last.state) == (ROUND_TRIP, CheckState.SKIPPED)
    assert "--url" in last.message
