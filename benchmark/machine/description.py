"""The machine, the versions and the commit that figures were taken on."""

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmark.machine.processes import ROOT

PACKAGES = (
    *("uvicorn", "uvloop", "httptools", "fastapi", "starlette", "pydantic"),
    *("SQLAlchemy", "psycopg", "asyncpg", "orjson"),
)
# What says its version, for each language of a contender.
LANGUAGES = {"Go": ("go", "version"), "Node.js": ("node", "--version")}


def describe() -> dict[str, str]:
    """Returns processor, memory, system and versions."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "used by others before": f"{busy_share():.0%}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        **{name: _say(*command) for name, command in LANGUAGES.items() if shutil.which(command[0])},
    }


def now() -> str:
    """Returns when a part was taken, and of which commit."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit(ROOT)}"


def commit(folder: Path) -> str:
    """Returns the commit of the clone that a folder is in."""
    return _say("git", "describe", "--always", "--dirty", folder=folder) or "not a clone"


def busy_share(seconds: float = 1.0) -> float:
    """Returns the share of the machine that is in use, 0 to 1."""
    return float(psutil.cpu_percent(seconds)) / 100


def _say(*command: str, folder: Path = ROOT) -> str:
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return ended.stdout.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, model = line.partition(":")
        if name.strip() == "model name":
            return model.strip()
    return platform.machine()
