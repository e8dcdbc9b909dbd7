"""The checks without a database: settings that nobody reads, a full disk, open token files."""

import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from receiver.app.first_start import find_token_file
from receiver.doctor import machine
from receiver.doctor.diagnosis import CheckState
from receiver.store.credentials.credentials import Role


def test_a_misspelled_setting_is_a_warning_without_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert machine.check_settings().state is CheckState.OK
    monkeypatch.setenv("RECEIVER_PROT", "4711")
    found = machine.check_settings()
    assert found.state is CheckState.WARNING
    assert "RECEIVER_PROT" in found.message
    assert "4711" not in found.message


@pytest.mark.parametrize("variable", ["RECEIVER_PORT", "receiver_port", "RECEIVER_TOKEN"])
def test_a_variable_that_is_read_is_no_misspelling(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "4711")
    assert machine.check_settings().state is CheckState.OK


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RECEIVER_PORT", "tcp://10.43.1.2:8000"),
        ("RECEIVER_SERVICE_HOST", "10.43.1.2"),
        ("RECEIVER_PORT_8000_TCP_ADDR", "10.43.1.2"),
        ("RECEIVER_CONSOLE_PORT", "tcp://10.43.1.3:80"),
        ("RECEIVER_PROT", ""),
    ],
)
def test_variables_of_kubernetes_and_empty_ones_are_no_misspelling(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert machine.check_settings().state is CheckState.OK


GIB = 2**30


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("total", "free", "state"),
    [
        (200 * GIB, 5 * GIB, CheckState.OK),
        (200 * GIB, 3 * GIB, CheckState.WARNING),
        (200 * GIB, GIB // 10, CheckState.FAILED),
        (2 * GIB, GIB // 2, CheckState.OK),
        (2 * GIB, GIB // 5, CheckState.WARNING),
        (2 * GIB, GIB // 10, CheckState.FAILED),
    ],
)
def test_a_disk_has_room_for_the_log_also_before_the_data_directory_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, total: int, free: int, state: CheckState
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(total, total - free, free))
    found = machine.check_disk_space(tmp_path / "not" / "yet")
    assert found.state is state
    assert f"MiB free at {tmp_path}" in found.message


def test_an_installation_without_first_credentials_is_skipped(tmp_path: Path) -> None:
    assert machine.check_first_credentials(tmp_path).state is CheckState.SKIPPED


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_token_that_others_can_use_fails_by_name_and_not_by_content(
    tmp_path: Path, mode: int
) -> None:
    token = find_token_file(tmp_path, Role.SINK)
    token.parent.mkdir(mode=0o700)
    token.write_text("s3cret")
    token.chmod(0o600)
    assert machine.check_first_credentials(tmp_path).state is CheckState.OK
    token.chmod(mode)
    found = machine.check_first_credentials(tmp_path)
    assert found.state is CheckState.FAILED
    assert str(token) in found.message
    assert "s3cret" not in found.message


@pytest.mark.parametrize(("days", "state"), [(29, CheckState.OK), (31, CheckState.WARNING)])
def test_a_token_of_the_first_start_that_is_kept_for_ever_is_a_warning(
    tmp_path: Path, days: int, state: CheckState
) -> None:
    token = find_token_file(tmp_path, Role.SINK)
    token.parent.mkdir(mode=0o700)
    token.write_text("s3cret")
    token.chmod(0o600)
    made_at = time.time() - days * 86_400
    os.utime(token, (made_at, made_at))
    found = machine.check_first_credentials(tmp_path)
    assert found.state is state
    assert ("31 days" in found.message) == (state is CheckState.WARNING)
    token.unlink()
    assert machine.check_first_credentials(tmp_path).state is CheckState.OK


def test_a_folder_that_others_can_write_to_fails(tmp_path: Path) -> None:
    folder = find_token_file(tmp_path, Role.SINK).parent
    folder.mkdir()
    folder.chmod(0o770)
    found = machine.check_first_credentials(tmp_path)
    assert found.state is CheckState.FAILED
    assert "chmod 700" in found.message
