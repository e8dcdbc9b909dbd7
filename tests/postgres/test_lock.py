"""A lock has one holder, whose end frees it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from receiver.postgres.lock import open_lock

HOLDER = """
import subprocess, sys
from pathlib import Path
from receiver.postgres.lock import open_lock
with open_lock(Path(sys.argv[1])) as lock:
    is_taken = lock.acquire()
    subprocess.Popen(["/bin/sleep", "5"], stdout=subprocess.DEVNULL, close_fds=False)
    print(is_taken, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_the_first_takes_it_and_names_itself(path: Path) -> None:
    with open_lock(path) as first, open_lock(path) as second:
        assert first.acquire()
        assert not second.acquire()
        assert first.holder() == second.holder() == str(os.getpid())


def test_opening_takes_nothing(path: Path) -> None:
    with open_lock(path) as first, open_lock(path) as second:
        assert first.holder() == ""
        assert second.acquire()


def test_the_end_of_the_block_frees_it_and_leaves_the_file(path: Path) -> None:
    with open_lock(path) as lock:
        assert lock.acquire()
    with open_lock(path) as lock:
        assert lock.acquire()
    assert path.read_text() == f"{os.getpid()}\n"


def test_a_longer_pid_of_an_earlier_holder_is_gone(path: Path) -> None:
    path.write_text("12345678901234567890\n")
    with open_lock(path) as lock:
        assert lock.acquire()
        assert lock.holder() == str(os.getpid())


def test_a_killed_holder_frees_it_though_its_child_lives_on(path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"True\n"
    with open_lock(path) as lock:
        assert not lock.acquire()
        assert lock.holder() == str(holder.pid)
        holder.kill()
        holder.wait()
        holder.stdout.close()
        assert holder.stdin is not None
        holder.stdin.close()
        assert lock.acquire()


def test_the_file_is_private_and_no_link_is_followed(path: Path, tmp_path: Path) -> None:
    with open_lock(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"), open_lock(link):
        pass
    assert not (tmp_path / "elsewhere").exists()
