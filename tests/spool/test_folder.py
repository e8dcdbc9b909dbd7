"""The folder of the spool belongs to the service alone, and is measured as it is."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from receiver.errors import ConfigurationError
from receiver.spool.folder import (
    Contents,
    begun_at,
    list_segments,
    measure,
    name_segment,
    open_folder,
    remove_unfinished,
    sync_folder,
)
from tests.support.spooling import MORNING


def test_a_missing_folder_is_made_for_the_service_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "spool"
    open_folder(folder)
    open_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o701, 0o770, 0o777])
def test_a_folder_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "secret-name"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(ConfigurationError, match="RECEIVER_SPOOL_DIR: others can") as refused:
        open_folder(folder)
    assert "secret-name" not in str(refused.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.mkdir(mode=0o700)
    os.chown(folder, 65_534, 65_534)
    with pytest.raises(ConfigurationError, match="must belong to the user"):
        open_folder(folder)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path in (file, file / "below"):
        with pytest.raises(ConfigurationError, match=r"^RECEIVER_SPOOL_DIR: "):
            open_folder(path)


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    assert measure(tmp_path) == Contents(0, None, 0, 0)
    assert list_segments(tmp_path) == []


def test_files_are_listed_and_measured_by_when_they_were_begun(tmp_path: Path) -> None:
    times = [MORNING + timedelta(seconds=number) for number in (3, 1, 2)]
    files = [tmp_path / name_segment(time) for time in times]
    for number, file in enumerate(files):
        file.write_bytes(bytes(10**number))
    (tmp_path / "1-a.damaged").write_bytes(bytes(1000))
    (tmp_path / "2-b.unfinished").write_bytes(bytes(10_000))
    assert measure(tmp_path) == Contents(11_111, times[1], 3, 1)
    assert list_segments(tmp_path) == [files[1], files[2], files[0]]
    assert [begun_at(file) for file in files] == times
    sync_folder(tmp_path)


def test_what_was_never_finished_is_removed_once_it_is_old(tmp_path: Path) -> None:
    names = ("1-a.unfinished", "2-b.unfinished", "1-a.spool", "1-b.damaged")
    for name in names:
        (tmp_path / name).touch()
    for name in names[1:]:
        os.utime(tmp_path / name, (MORNING.timestamp(), MORNING.timestamp()))
    remove_unfinished(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted({*names} - {names[1]})


def test_a_file_of_another_name_was_begun_when_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "renamed.spool"
    file.touch()
    os.utime(file, (MORNING.timestamp(), MORNING.timestamp()))
    assert begun_at(file) == MORNING
