"""Finds wrk, a Debian package, or installs it."""

import os
import shutil
import subprocess
from pathlib import Path

from receiver.errors import ConfigurationError

PACKAGE = "wrk"
# apt-get fetches its lists and one package, on a slow line for minutes.
INSTALL_SECONDS = 300


def find_wrk(*, install: bool) -> Path:
    """Finds wrk.

    Args:
        install: whether apt-get may install it, as root.

    Raises:
        ConfigurationError: wrk is not installed; the message says what to do.
    """
    found = shutil.which("wrk")
    if found is None and install:
        _install(PACKAGE)
        found = shutil.which("wrk")
    if found is None:
        raise ConfigurationError(
            "wrk is not installed; run `apt-get install wrk`, or this again as root with --install"
        )
    return Path(found)


def _install(package: str) -> None:
    apt_get = shutil.which("apt-get")
    if apt_get is None or os.geteuid() != 0:
        raise ConfigurationError(f"--install takes root and apt-get; install {package} yourself")
    for words in (["-qq", "update"], ["-qq", "install", "--yes", package]):
        subprocess.run(
            [apt_get, *words],
            check=False,
            timeout=INSTALL_SECONDS,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
