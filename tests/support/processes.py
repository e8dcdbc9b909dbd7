"""Processes, folders and waiting: what the tests of the running product see of the machine."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from tests.support.folders import make_folder

POLL_SECONDS = 0.05


def until(is_so: Callable[[], bool], seconds: float = 30) -> bool:
    """Waits until it is so; returns whether it came to that."""
    deadline = time.monotonic() + seconds
    while not (so := is_so()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return so


def living(processes: list[Any]) -> list[Any]:
    """Those that still run; one that nobody reaped does not."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def named(name: str, processes: list[Any]) -> list[Any]:
    """Those of a name; one that has ended meanwhile, as a background process may, has none."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.name() == name:
                found.append(process)
    return found


def workers_among(family: list[Any]) -> list[Any]:
    """Those of a service's processes that serve, where several do; one that has ended does not."""
    found = []
    for process in living(family):
        with suppress(psutil.NoSuchProcess):
            if "spawn_main" in " ".join(process.cmdline()):
                found.append(process)
    return found


def processes_of(folder: Path) -> list[Any]:
    """Those whose command, working directory or environment names the folder."""
    return [process for process in psutil.process_iter() if _names(process, str(folder))]


def _names(process: Any, folder: str) -> bool:
    with suppress(psutil.Error):
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if any(folder in word for word in process.cmdline()):
            return True
        return folder in process.cwd() or folder in process.environ().get("RECEIVER_DATA_DIR", "")
    return False


@contextmanager
def open_folder() -> Iterator[Path]:
    """A short folder that the user of Postgres can reach; no process may be left on it."""
    folder = make_folder("dsr-")
    try:
        yield folder
    finally:
        are_gone = until(lambda: not processes_of(folder))
        orphans = []
        for orphan in [] if are_gone else processes_of(folder):
            with suppress(psutil.NoSuchProcess):
                orphans.append(orphan.cmdline())
                orphan.kill()
        shutil.rmtree(folder)
        assert orphans == [], orphans


def copy(seed: Path, data_dir: Path) -> None:
    """Copies the data directory of a stopped service, owners and permissions included."""
    subprocess.run(["/bin/cp", "-a", seed, data_dir], check=True)
