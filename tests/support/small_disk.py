"""A file system of a few kilobytes, which only root can make."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest


@contextmanager
def small_disk(folder: Path, size_kib: int) -> Iterator[Path]:
    """Mounts a small file system in memory on a new folder, or skips the test."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a file system")
    folder.mkdir(mode=0o700)
    mount = [
        which("mount") or "",
        "-t",
        "tmpfs",
        "-o",
        f"size={size_kib}k,mode=700",
        "tmpfs",
        str(folder),
    ]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([which("umount") or "", "-l", str(folder)], check=True)
