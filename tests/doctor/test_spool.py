"""The check of the spool tells how much waits there, and what is wrong with the folder."""

import asyncio
import os
from pathlib import Path

import pytest

from receiver.doctor.diagnosis import CheckState, run_check
from receiver.doctor.spool import check_spool
from receiver.settings.settings import Settings
from tests.support.arrivals import arrival
from tests.support.spooling import spool_in


def settings(folder: Path, **changed: int) -> Settings:
    return Settings.model_validate({"spool_dir": folder, "spool_reserve_bytes": 0, **changed})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"

    async def fill() -> None:
        spool = spool_in(folder)
        await spool.append([arrival(1), arrival(2)])
        await spool.aclose()

    asyncio.run(fill())
    return folder


def test_there_need_not_be_a_spool(tmp_path: Path) -> None:
    assert check_spool(Settings.model_validate({})).state is CheckState.SKIPPED
    assert check_spool(settings(tmp_path / "none")).state is CheckState.OK
    assert not (tmp_path / "none").exists()
    (tmp_path / "empty").mkdir(mode=0o700)
    assert check_spool(settings(tmp_path / "empty")).message == "nothing waits in it"


def test_what_waits_is_a_warning_that_says_how_much_and_since_when(folder: Path) -> None:
    found = check_spool(settings(folder))
    assert found.state is CheckState.WARNING
    size = sum(file.stat().st_size for file in folder.iterdir())
    assert f"2 notifications ({size} bytes) wait in it since 2026-03-01T08:00:00Z" in found.message
    assert "99999991000" not in found.message


def test_a_damaged_file_is_a_warning(folder: Path) -> None:
    [file] = folder.iterdir()
    file.rename(file.with_suffix(".damaged"))
    found = check_spool(settings(folder))
    assert (found.state, "damaged" in found.message) == (CheckState.WARNING, True)


def test_a_spool_without_room_fails(folder: Path) -> None:
    [file] = folder.iterdir()
    os.truncate(file, 2_000_000)
    full = check_spool(settings(folder, spool_limit_bytes=1_048_576))
    assert (full.state, "it is full" in full.message) == (CheckState.FAILED, True)
    crowded = check_spool(settings(folder, spool_reserve_bytes=2**60))
    assert (crowded.state, "RESERVE" in crowded.message) == (CheckState.FAILED, True)


def test_a_folder_that_others_can_use_fails(folder: Path) -> None:
    folder.chmod(0o755)
    found = run_check("spool", lambda: check_spool(settings(folder)))
    assert (found.state, "mode 700" in found.message) == (CheckState.FAILED, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_the_folder_of_another_user_is_left_to_it(folder: Path) -> None:
    os.chown(folder, 65_534, 65_534)
    assert check_spool(settings(folder)).state is CheckState.SKIPPED
