"""The workers' directory is theirs alone, and goes with the service."""

import os
import stat
import tempfile
import time
from pathlib import Path

import pytest

from receiver.app.processes import shared_metrics
from receiver.errors import ConfigurationError


def test_the_directory_is_named_to_the_workers_and_goes_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(shared_metrics.VARIABLE, raising=False)
    with shared_metrics.share_directory():
        path = shared_metrics.find_directory()
        assert path is not None
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        (path / "counter_1.db").touch()
    assert shared_metrics.find_directory() is None
    assert not path.exists()


def test_a_single_process_forgets_what_the_environment_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(shared_metrics.VARIABLE, "/nowhere")
    shared_metrics.forget()
    assert shared_metrics.VARIABLE not in os.environ


def test_a_machine_without_room_for_the_directory_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(shared_metrics.VARIABLE, raising=False)
    monkeypatch.setattr(shared_metrics, "MEMORY", "/nowhere")
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with pytest.raises(ConfigurationError, match="set TMPDIR"), shared_metrics.share_directory():
        pass
    assert shared_metrics.find_directory() is None


def make_beside(place: Path, *, age_seconds: float) -> Path:
    """A directory as a service leaves it that was killed with all its processes."""
    path = Path(tempfile.mkdtemp(prefix=shared_metrics.PREFIX, dir=place))
    (path / "counter_1.db").touch()
    then = time.time() - age_seconds
    os.utime(path, (then, then))
    return path


def test_what_a_killed_service_left_is_removed_and_what_a_running_one_has_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(shared_metrics.VARIABLE, raising=False)
    monkeypatch.setattr(shared_metrics, "MEMORY", str(tmp_path))
    old = 2 * shared_metrics.ABANDONED_AFTER_SECONDS
    left, begun = (make_beside(tmp_path, age_seconds=age) for age in (old, 0))
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / f"{shared_metrics.PREFIX}link").symlink_to(other)
    with shared_metrics.share_directory():
        running = shared_metrics.find_directory()
        assert running is not None
        os.utime(running, (0, 0))
        with shared_metrics.share_directory():
            assert running.is_dir()
    assert (left.exists(), begun.exists(), other.exists()) == (False, True, True)
