"""What the tests of the embedded Postgres share: their fixtures' types, and the wheel elsewhere."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from receiver.postgres.binaries import DISTRIBUTION, LIBRARIES, PACKAGE, installed_binaries

Launch = Callable[..., subprocess.Popen[str]]
Greeting = Callable[[subprocess.Popen[str]], Any]
ProcessOfPid = Callable[[int], Any]
ProcessesOf = Callable[[Path], list[Any]]


@dataclass(frozen=True, slots=True)
class Stranger:
    """An ordinary user.

    Attributes:
        path: where this user finds the wheel of Postgres; empty: where we find it.
    """

    uid: int
    path: tuple[Path, ...]


def copy_data_dir(data_dir: Path, path: Path) -> Path:
    """Copies a data directory that nothing serves from; returns ``path``."""
    subprocess.run(["/bin/cp", "-a", data_dir, path], check=True)
    # In a checkout that Postgres's user cannot enter, there is a copy of the programs in it.
    shutil.rmtree(path / "binaries", ignore_errors=True)
    return path


def copy_wheel(site: Path) -> Path:
    """Copies the installed wheel, but for its C headers and its older Postgres.

    Args:
        site: made here; an entry of `sys.path` finds the wheel in it.

    Returns:
        The same path.
    """
    site.mkdir(parents=True)
    root = installed_binaries().root
    unused = shutil.ignore_patterns("include", "pginstall")
    shutil.copytree(root / PACKAGE, site / PACKAGE, ignore=unused)
    shutil.copytree(root / LIBRARIES, site / LIBRARIES)
    metadata = f"{PACKAGE}-{distribution(DISTRIBUTION).version}.dist-info"
    shutil.copytree(root / metadata, site / metadata)
    return site
