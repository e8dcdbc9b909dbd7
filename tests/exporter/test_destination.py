"""A file has its name once it is whole; before, and after a failure, there is nothing."""

import os
import stat
from pathlib import Path

import pytest

from receiver.errors import ConfigurationError
from receiver.exporter import destination
from receiver.exporter.destination import open_destination


@pytest.fixture(params=[True, False], ids=["nameless", "hidden"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on a system that has files without a name, and on one that has none."""
    if not request.param:
        monkeypatch.setattr(destination, "OPEN_FILES", str(tmp_path / "nothing"))
    return tmp_path


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_has_its_name_at_the_end_and_is_its_users_alone(folder: Path) -> None:
    path = folder / "events.csv"
    with open_destination(str(path)) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert listed(folder) == ["events.csv"]


def test_what_fails_leaves_what_was_there(folder: Path) -> None:
    path = folder / "events.csv"
    path.write_bytes(b"before")

    def fail() -> None:
        with open_destination(str(path)) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert listed(folder) == ["events.csv"]
    assert path.read_bytes() == b"before"
    with open_destination(str(path)) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"


def test_without_a_name_nothing_is_there_while_it_is_written(tmp_path: Path) -> None:
    with open_destination(str(tmp_path / "events.csv")) as file:
        file.write(b"half")
        assert listed(tmp_path) == []


def test_a_link_stays_and_leads_to_the_new_file(folder: Path) -> None:
    (folder / "link").symlink_to("events.csv")
    with open_destination(str(folder / "link")) as file:
        file.write(b"whole")
    assert (folder / "link").is_symlink()
    assert (folder / "events.csv").read_bytes() == b"whole"


def test_what_is_no_file_is_written_and_not_replaced(tmp_path: Path) -> None:
    with open_destination(os.devnull) as file:
        file.write(b"gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_what_cannot_be_written_is_named_with_its_reason(tmp_path: Path) -> None:
    for name, reason in (
        (f"{tmp_path}/nowhere/events.csv", "No such file or directory"),
        (str(tmp_path), "Is a directory"),
    ):
        with (
            pytest.raises(ConfigurationError, match=f"cannot be written \\({reason}\\)"),
            open_destination(name),
        ):
            pass


def test_a_name_that_no_file_can_have_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="not a file name"), open_destination("\0"):
        pass
