"""The machine, the versions and the commit that figures were taken on."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmark.machine.processes import ROOT

PACKAGES = ("uvicorn", "uvloop", "httptools", "fastapi", "pydantic", "SQLAlchemy", "psycopg")


def describe() -> dict[str, str]:
    """Returns processor, memory, system and versions."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "used by others before": f"{busy_share():.0%}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def now() -> str:
    """Returns when a part was taken, and of which commit."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit(ROOT)}"


def commit(folder: Path) -> str:
    """Returns the commit of the clone that a folder is in."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git there is
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "not a clone"


def busy_share(seconds: float = 1.0) -> float:
    """Returns the share of the machine that is in use, 0 to 1."""
    return float(psutil.cpu_percent(seconds)) / 100


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, model = line.partition(":")
        if name.strip() == "model name":
            return model.strip()
    return platform.machine()
