"""The pid file tells a running server from a stale file, whatever program has its pid."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from receiver.errors import ConfigurationError
from receiver.postgres.postmaster import Postmaster, outlive_predecessor, read_postmaster

# The lines of `utils/pidfile.h`; status is padded with spaces.
LINES = "{pid}\n{cluster}\n1764060000\n5432\n/run/socket\n*\n  5432001 65536\n{status}\n"


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    return tmp_path


def write(cluster: Path, pid: int, status: str = "ready   ") -> Path:
    path = cluster / "postmaster.pid"
    path.write_text(LINES.format(pid=pid, cluster=cluster, status=status))
    return path


@contextmanager
def impostor(name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with the command of another; it ends only at SIGINT."""
    script = (
        "import signal, time\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try: print(flush=True) or time.sleep(60)\nexcept KeyboardInterrupt: pass"
    )
    process = subprocess.Popen(
        [name, "-c", script, *arguments], executable=sys.executable, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()  # an interrupt before that would end it at once
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_file_tells_whose_server_it_is_and_where_it_listens(cluster: Path) -> None:
    write(cluster, 4711)
    found = read_postmaster(cluster)
    assert found == Postmaster(4711, Path("/run/socket"), "ready")
    assert found.is_ready
    assert (found.is_ready_as(4711), found.is_ready_as(4712)) == (True, False)


@pytest.mark.parametrize("status", ["starting", "stopping", "standby "])
def test_a_server_that_is_not_ready_is_known_to_be_so(cluster: Path, status: str) -> None:
    write(cluster, 4711, status)
    found = read_postmaster(cluster)
    assert found is not None
    assert (found.is_ready, found.is_ready_as(4711)) == (False, False)


@pytest.mark.parametrize("content", ["", "4711\n", "word\n" * 8, "\n" * 8])
def test_a_file_that_is_not_yet_written_tells_nothing(cluster: Path, content: str) -> None:
    assert read_postmaster(cluster) is None
    (cluster / "postmaster.pid").write_text(content)
    assert read_postmaster(cluster) is None


def test_a_running_server_is_interrupted_and_awaited(cluster: Path) -> None:
    with impostor("/usr/bin/postgres", "-D", str(cluster)) as process:
        threading.Thread(target=process.wait).start()  # its parent reaps it
        path = write(cluster, process.pid)
        outlive_predecessor(cluster, 30)
        assert process.wait() == 0
    first, *rest = path.read_text().splitlines()
    assert first == str(os.getpid())
    assert rest[5].split() == ["5432001", "65536"]


def test_a_server_that_does_not_end_is_named(cluster: Path) -> None:
    with impostor("/usr/bin/postgres", "-D", str(cluster)) as process:
        write(cluster, process.pid)
        process.send_signal(signal.SIGSTOP)  # SIGINT is not delivered before SIGCONT
        with pytest.raises(ConfigurationError, match=rf"\(process {process.pid}\) still runs on"):
            outlive_predecessor(cluster, 0.2)


@pytest.mark.parametrize("command", [("/usr/bin/psql", "{}"), ("/usr/bin/postgres", "{}/other")])
def test_another_program_with_the_pid_is_left_alone(
    cluster: Path, command: tuple[str, str]
) -> None:
    name, argument = command
    with impostor(name, argument.format(cluster)) as process:
        write(cluster, process.pid)
        outlive_predecessor(cluster, 0)
        assert process.poll() is None


def test_an_empty_file_is_removed_and_a_missing_one_is_no_fault(cluster: Path) -> None:
    outlive_predecessor(cluster, 0)
    path = cluster / "postmaster.pid"
    path.touch()
    outlive_predecessor(cluster, 0)
    assert not path.exists()
