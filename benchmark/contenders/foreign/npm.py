"""What the contenders on Node.js share: npm, a folder of packages, and the pool of `pg`."""

import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from benchmark.machine.programs import find_programs
from receiver.errors import ConfigurationError

CONNECTIONS = 20
# npm fetches hundreds of packages, on a slow line for minutes.
INSTALL_SECONDS = 600


def find_npm(*, install: bool) -> Path:
    """Finds npm, and node beside it.

    Args:
        install: whether apt-get may install both, as root.

    Raises:
        ConfigurationError: one of them is not installed; the message says what to do.
    """
    return find_programs(("npm", "node"), ("npm", "nodejs"), install=install)[0]


def install(npm: Path, home: Path, *packages: str) -> None:
    """Installs packages into a folder, which need not exist.

    Raises:
        ConfigurationError: npm failed; the message has its own words.
    """
    home.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [
        npm,
        "install",
        "--no-audit",
        "--no-fund",
        "--prefix",
        home,
        *packages,
    ]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(f"npm took more than {INSTALL_SECONDS} s") from error
    if ended.returncode != 0:
        fault = next((line for line in ended.stderr.splitlines() if "error" in line), "")
        raise ConfigurationError(f"npm cannot install {', '.join(packages)}: {fault}")


def make_pool_options(url: str) -> dict[str, str | int | None]:
    """Returns the options of `pg.Pool` for a database."""
    conninfo = conninfo_to_dict(url)
    return {
        "host": conninfo.get("host", "localhost"),
        "port": int(conninfo.get("port") or 5432),
        "user": conninfo.get("user"),
        "database": conninfo["dbname"],
        "password": conninfo.get("password") or "",
        "max": CONNECTIONS,
    }


def copy_into(home: Path, script: Path) -> Path:
    """Copies a script to where node finds its packages; returns the copy."""
    return Path(shutil.copy(script, home))
