"""Every setting with its value and origin; nothing that is secret, and nothing that is wrong."""

import pytest

from receiver.settings.inspection import (
    OTHER_VARIABLES,
    Entry,
    Inspection,
    Origin,
    describe_unknown,
    find_unknown,
    inspect,
)
from receiver.settings.settings import Settings, variable_name
from tests.support.broken_urls import BROKEN, SECRETS


def entry_of(variable: str) -> Entry:
    [entry] = [entry for entry in inspect({}).entries if entry.variable == variable]
    return entry


def test_every_setting_is_there_once_with_its_default() -> None:
    inspection = inspect({})
    variables = [entry.variable for entry in inspection.entries]
    assert sorted(variables) == sorted(map(variable_name, Settings.model_fields))
    assert {entry.origin for entry in inspection.entries} == {Origin.DEFAULT}
    assert (inspection.faults, inspection.unknown) == ((), ())


def test_a_value_of_the_environment_is_shown_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RECEIVER_CONSOLE", "off")
    monkeypatch.setenv("receiver_port", "9")
    assert entry_of("RECEIVER_CONSOLE") == Entry("RECEIVER_CONSOLE", "off", Origin.ENVIRONMENT)
    assert entry_of("RECEIVER_PORT") == Entry("RECEIVER_PORT", "9", Origin.ENVIRONMENT)


@pytest.mark.parametrize("value", ["", "tcp://10.43.1.2:8000"])
def test_what_is_no_setting_leaves_the_default(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RECEIVER_PORT", value)
    assert entry_of("RECEIVER_PORT") == Entry("RECEIVER_PORT", "8000", Origin.DEFAULT)


def test_a_default_that_is_not_declared_comes_from_who_uses_it() -> None:
    [entry] = [one for one in inspect({"data_dir": "/x"}).entries if one.value == "/x"]
    assert entry == Entry("RECEIVER_DATA_DIR", "/x", Origin.DEFAULT)


def test_a_wrong_value_is_not_repeated_and_the_others_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "s3cret")
    monkeypatch.setenv("RECEIVER_WORKERS", "4")
    assert entry_of("RECEIVER_WORKERS").value == "4"
    wrong = entry_of("RECEIVER_PORT")
    assert (wrong.value, wrong.origin) == (None, Origin.ENVIRONMENT)
    assert "integer" in (wrong.fault or "")
    assert "s3cret" not in repr(inspect({}))


def test_settings_that_do_not_fit_together_are_a_fault_of_none_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RECEIVER_SHUTDOWN_TIMEOUT_SECONDS", "1")
    inspection = inspect({})
    [fault] = inspection.faults
    assert "RECEIVER_PATIENCE_SECONDS" in fault
    assert all(entry.fault is None for entry in inspection.entries)
    assert entry_of("RECEIVER_SHUTDOWN_TIMEOUT_SECONDS").value == "1"


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_DIRECT_URL"])
@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://h/d", "postgresql://h/d"),
        ("postgres:///d", "postgresql:///d"),
        ("postgresql://kowalski:tajne@h:5432/d", "postgresql://***@h:5432/d"),
        ("postgresql://kowalski@h1:1,h2:2/d?sslmode=require", "postgresql://***@h1:1,h2:2/d?***"),
        ("postgresql://h1,[::1]/d?user=kowalski&port=1", "postgresql://***@h1:1,[::1]:1/d"),
        ("postgresql:///d?host=/run/pg&password=tajne", "postgresql://***@/run/pg/d"),
        ("postgresql:///d?hostaddr=127.0.0.1", "postgresql://127.0.0.1/d"),
    ],
)
def test_of_a_database_its_hosts_and_name_are_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, url: str, shown: str
) -> None:
    monkeypatch.setenv(variable, url)
    assert entry_of(variable).value == shown


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_DIRECT_URL"])
def test_nothing_of_a_broken_url_is_shown(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    for url, words in BROKEN:
        monkeypatch.setenv(variable, url)
        inspection = inspect({})
        assert words in str(inspection.faults)
        assert [secret for secret in SECRETS if secret in repr(inspection)] == []


def test_a_key_in_the_query_of_a_url_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_JWT_JWKS_URL", "https://keys.example/jwks?key=s3cret#s3cret")
    monkeypatch.setenv("RECEIVER_JWT_ISSUER", "https://keys.example")
    monkeypatch.setenv("RECEIVER_JWT_AUDIENCE", "receiver")
    assert entry_of("RECEIVER_JWT_JWKS_URL").value == "https://keys.example/jwks?***"


def test_what_is_no_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*OTHER_VARIABLES, "RECEIVER_PROT", "RECEIVER_SERVICE_HOST"):
        monkeypatch.setenv(name, "1")
    assert find_unknown() == ["RECEIVER_PROT"]
    inspection: Inspection = inspect({})
    assert inspection.unknown == ("RECEIVER_PROT",)
    assert describe_unknown(inspection.unknown).startswith("RECEIVER_PROT: no such setting")
