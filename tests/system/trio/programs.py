"""What a trio needs beside Postgres: etcd of the machine, and Patroni in its own environment."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.folders import make_folder
from tests.support.paths import ROOT

# What deploy/patroni installs; the service itself needs none of it.
PINS = ROOT / "deploy" / "patroni" / "requirements.txt"
SECONDS = 300


def find_etcd() -> str:
    """Returns the program; skips the test where there is none."""
    program = shutil.which("etcd")
    if program is None:
        pytest.skip("etcd is not installed here")
    return program


@contextmanager
def patroni_environment() -> Iterator[Path]:
    """Installs Patroni for the length of the block; yields its Python, which everybody may run."""
    folder = make_folder("patroni-")
    try:
        venv.create(folder)
        python = folder / "bin" / "python"
        # Of the tests' own pip, since another one takes seconds to install.
        pip = (
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "install",
            "-q",
            "--no-deps",
            "-r",
            PINS,
        )
        outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        # Postgres and Patroni run as a user who may write nothing there.
        installed = subprocess.run(
            [*pip, "--compile"],
            capture_output=True,
            env=outer,
            timeout=SECONDS,
            check=False,
            umask=0o022,
        )
        if installed.returncode != 0:
            pytest.skip("Patroni cannot be installed: no registry is reachable")
        yield python
    finally:
        shutil.rmtree(folder)
