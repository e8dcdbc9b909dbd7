"""Directories that Postgres can reach, processes that use them, and a look for orphans."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # its types are a distribution of their own
import pytest

import receiver

PROGRAM = Path(__file__).with_name("program.py")
CHECKOUT = Path(receiver.__file__).parent.parent


@pytest.fixture
def processes_of() -> Callable[[Path], list[Any]]:
    """Returns the processes whose command names a path, living and not merely unreaped."""

    def find(path: Path) -> list[Any]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                named = any(word.startswith(str(path)) for word in process.cmdline())
                if named and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    return find


@pytest.fixture
def process_of_pid() -> Callable[[int], Any]:
    """Returns a process as psutil sees it."""

    def find(pid: int) -> Any:
        return psutil.Process(pid)

    return find


@pytest.fixture
def folder(processes_of: Callable[[Path], list[Any]]) -> Iterator[Path]:
    """A short and open folder: pytest's own is closed to the user that Postgres runs as."""
    path = Path(tempfile.mkdtemp(prefix="ep-")).resolve()
    path.chmod(0o755)
    yield path
    deadline = time.monotonic() + 10
    while (orphans := processes_of(path)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for orphan in orphans:
        orphan.kill()
    shutil.rmtree(path)
    assert orphans == []


@pytest.fixture
def data_dir(folder: Path) -> Path:
    return folder / "data"


@pytest.fixture
def launch(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``program.py`` on a data directory, if wanted as another user; ends it with the test.

    The folder, which has to be declared first, outlives the processes.
    """
    started: list[subprocess.Popen[str]] = []

    def start(
        data_dir: Path,
        *options: str,
        uid: int | None = None,
        path: tuple[Path, ...] = (),
    ) -> subprocess.Popen[str]:
        python_path = os.pathsep.join(map(str, (*path, CHECKOUT)))
        process = subprocess.Popen(
            [sys.executable, PROGRAM, data_dir, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={"PATH": os.defpath, "PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1"},
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(BrokenPipeError):
            process.communicate(timeout=60)


@pytest.fixture
def greeting() -> Callable[[subprocess.Popen[str]], Any]:
    """Waits for the line with which a launched program greets, and returns its members."""

    def read(process: subprocess.Popen[str]) -> Any:
        assert process.stdout is not None
        return json.loads(process.stdout.readline())

    return read


@pytest.fixture
def stranger(launch: Callable[..., subprocess.Popen[str]]) -> int:
    """The uid of an ordinary user, who can run this Python."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a program as another user")
    uid = 65534
    command = [sys.executable, "-c", "import receiver.store.embedded"]
    environment = {"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"}
    trial = subprocess.run(
        command, user=uid, group=uid, extra_groups=[], cwd="/", env=environment, check=False
    )
    if trial.returncode != 0:
        pytest.skip("an ordinary user cannot reach this Python or this checkout")
    return uid
