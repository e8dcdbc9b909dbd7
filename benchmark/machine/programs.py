"""The programs that Debian packages, found or installed."""

import os
import shutil
import subprocess
from pathlib import Path

from receiver.errors import ConfigurationError

PACKAGE = "wrk"
INSTALL_SECONDS = 300


def find_wrk(*, install: bool) -> Path:
    """wrk.

    Args:
        install: whether to ask apt-get for it, as root.

    Raises:
        ConfigurationError: it is not there; the message says what to do.
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
