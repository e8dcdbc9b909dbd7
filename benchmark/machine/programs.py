"""Finds the programs that a run needs, or installs them from Debian."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from receiver.errors import ConfigurationError

# apt-get fetches its lists and some packages, on a slow line for minutes.
INSTALL_SECONDS = 600


def find_wrk(*, install: bool) -> Path:
    """Finds wrk; see `find_programs`."""
    return find_programs(("wrk",), ("wrk",), install=install)[0]


def find_programs(names: Sequence[str], packages: Sequence[str], *, install: bool) -> list[Path]:
    """Finds programs, all of them.

    Args:
        packages: of Debian, that contain them.
        install: whether apt-get may install the packages, as root.

    Raises:
        ConfigurationError: one is not installed; the message says what to do.
    """
    if install and not all(map(shutil.which, names)):
        install_packages(packages)
    found = {name: shutil.which(name) for name in names}
    if missing := [name for name, path in found.items() if path is None]:
        verb = "is" if len(missing) == 1 else "are"
        raise ConfigurationError(
            f"{' and '.join(missing)} {verb} not installed; run"
            f" `apt-get install {' '.join(packages)}`, or this again as root with --install"
        )
    return [Path(path) for path in found.values() if path is not None]


def install_packages(packages: Sequence[str]) -> None:
    """Installs packages by apt-get, as far as it can.

    Raises:
        ConfigurationError: this user is not root, or there is no apt-get.
    """
    apt_get = shutil.which("apt-get")
    if apt_get is None or os.geteuid() != 0:
        raise ConfigurationError(
            f"--install takes root and apt-get; install {', '.join(packages)} yourself"
        )
    for words in (["-qq", "update"], ["-qq", "install", "--yes", *packages]):
        subprocess.run(
            [apt_get, *words],
            check=False,
            timeout=INSTALL_SECONDS,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
