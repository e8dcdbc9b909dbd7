"""Directories that Postgres can reach, processes that use them, and a look for orphans."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

import receiver
from receiver.postgres import embedded_postgres
from receiver.postgres.binaries import installed_binaries
from tests.support.embedded import (
    Greeting,
    Launch,
    ProcessesOf,
    ProcessOfPid,
    Stranger,
    copy_data_dir,
    copy_wheel,
)
from tests.support.folders import make_folder

PROGRAM = Path(__file__).with_name("program.py")
CHECKOUT = Path(receiver.__file__).parent.parent


@pytest.fixture
def processes_of() -> ProcessesOf:
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
def process_of_pid() -> ProcessOfPid:
    """Returns a process as psutil sees it."""

    def find(pid: int) -> Any:
        return psutil.Process(pid)

    return find


@pytest.fixture
def await_end(processes_of: ProcessesOf) -> ProcessesOf:
    """Gives the processes of a path time to end; returns those that did not."""

    def wait(path: Path) -> list[Any]:
        deadline = time.monotonic() + 30
        while (left := processes_of(path)) and time.monotonic() < deadline:
            time.sleep(0.02)
        return left

    return wait


@pytest.fixture
def folder(await_end: ProcessesOf) -> Iterator[Path]:
    """A short and open folder: pytest's own is closed to the user that Postgres runs as."""
    path = make_folder("ep-")
    yield path
    orphans = await_end(path)
    for orphan in orphans:
        orphan.kill()
    shutil.rmtree(path)
    assert orphans == []


@pytest.fixture(scope="session")
def pristine() -> Iterator[Path]:
    """A data directory that has served nothing but its first start; it is only copied."""
    folder = make_folder("ep-")
    path = folder / "pristine"
    with embedded_postgres(path):
        pass
    yield path
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def seed(pristine: Path) -> Path:
    """A data directory handed from test to test to spare an ``initdb``, with what they left."""
    return copy_data_dir(pristine, pristine.with_name("seed"))


@pytest.fixture
def data_dir(folder: Path, seed: Path, await_end: ProcessesOf) -> Iterator[Path]:
    """A data directory that others have served from; a test may rename it, but not spoil it."""
    yield seed.rename(folder / "data")
    await_end(folder)
    (version,) = folder.glob("*/postgres/PG_VERSION")
    version.parent.parent.rename(seed)


@pytest.fixture
def spare_data_dir(folder: Path, pristine: Path) -> Path:
    """A copy of a data directory that has served before, for a test to spoil."""
    return copy_data_dir(pristine, folder / "spare")


@pytest.fixture
def fresh_data_dir(folder: Path) -> Path:
    """A data directory that does not exist yet."""
    return folder / "data"


@pytest.fixture
def launch(folder: Path) -> Iterator[Launch]:
    """Starts ``program.py`` on a data directory, if wanted as another user; ends it with the test.

    Named after the data directory in a test, so that the processes end first.
    """
    started: list[subprocess.Popen[str]] = []

    def start(
        data_dir: Path,
        *options: str,
        uid: int | None = None,
        path: tuple[Path, ...] = (),
    ) -> subprocess.Popen[str]:
        user = os.geteuid() if uid is None else uid
        python_path = os.pathsep.join(map(str, (*path, CHECKOUT)))
        process = subprocess.Popen(
            [sys.executable, PROGRAM, data_dir, str(user), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={"PATH": os.defpath, "PYTHONPATH": python_path},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(BrokenPipeError):
            process.communicate(timeout=60)


@pytest.fixture
def greeting() -> Greeting:
    """Waits for the line with which a launched program greets, and returns its members."""

    def read(process: subprocess.Popen[str]) -> Any:
        assert process.stdout is not None
        return json.loads(process.stdout.readline())

    return read


@pytest.fixture(scope="session")
def stranger() -> Iterator[Stranger]:
    """An ordinary user, who can run Postgres wherever the checkout lies."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a program as another user")
    uid = pwd.getpwnam("nobody").pw_uid
    command = [str(installed_binaries().bin_dir / "postgres"), "--version"]
    try:
        subprocess.run(command, user=uid, group=uid, extra_groups=[], cwd="/", check=True)
    except PermissionError:
        folder = make_folder("ep-")
        yield Stranger(uid, (copy_wheel(folder / "site"),))
        shutil.rmtree(folder)
    else:
        yield Stranger(uid, ())
