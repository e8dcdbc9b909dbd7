"""`receiver config`: every setting with value and origin, as a table and as JSON."""

import json

import pytest

from receiver.settings.settings import Settings, variable_name
from tests.support.command_line import run


def rows(printed: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in printed.splitlines()}


def test_every_setting_is_a_line_with_its_value_and_origin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "9")
    ended = run("config")
    assert (ended.status, ended.stderr) == (0, "")
    told = rows(ended.stdout)
    assert told.keys() - {"VARIABLE"} == set(map(variable_name, Settings.model_fields))
    assert told["RECEIVER_PORT"] == ["9", "environment"]
    assert told["RECEIVER_WORKERS"] == ["1", "default"]
    assert told["DATABASE_URL"] == ["-", "default"]


def test_the_folder_that_is_taken_without_a_setting_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RECEIVER_DATA_DIR")
    value, origin = rows(run("config").stdout)["RECEIVER_DATA_DIR"]
    assert (value.endswith("/device-status-receiver"), origin) == (True, "default")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_wrong_value_is_named_and_the_others_are_shown(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "s3cret")
    monkeypatch.setenv("RECEIVER_WORKERS", "4")
    monkeypatch.setenv("RECEIVER_PROT", "9")
    ended = run("config", *options)
    assert ended.status == 1
    assert "RECEIVER_WORKERS" in ended.stdout
    unknown, fault = ended.stderr.splitlines()
    assert unknown.startswith("RECEIVER_PROT: no such setting")
    assert fault.startswith("receiver: RECEIVER_PORT: ")
    assert "s3cret" not in ended.stdout + ended.stderr


def test_json_has_the_faults_and_the_unknown_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_PORT", "s3cret")
    monkeypatch.setenv("RECEIVER_PROT", "9")
    document = json.loads(run("config", "--json").stdout)
    assert document.keys() == {"settings", "faults", "unknown"}
    told = {setting.pop("variable"): setting for setting in document["settings"]}
    assert told["RECEIVER_WORKERS"] == {"value": "1", "origin": "default"}
    fault = told["RECEIVER_PORT"].pop("fault")
    assert told["RECEIVER_PORT"] == {"value": None, "origin": "environment"}
    assert document["faults"] == [f"RECEIVER_PORT: {fault}"]
    assert document["unknown"] == ["RECEIVER_PROT"]


def test_what_would_steer_a_terminal_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_HOST", "a\x1b[31m\udcff")
    ended = run("config")
    assert rows(ended.stdout)["RECEIVER_HOST"][0] == "a\N{REPLACEMENT CHARACTER}[31m\ufffd"


def test_no_value_of_a_database_is_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://kowalski:tajne@h/d?sslmode=require")
    for options in ((), ("--json",)):
        printed = run("config", *options).stdout
        assert "postgresql://***@h/d?***" in printed
        assert [secret for secret in ("kowalski", "tajne") if secret in printed] == []
