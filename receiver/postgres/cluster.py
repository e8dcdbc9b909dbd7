"""The database cluster on disk: made whole or not at all, and of our version."""

import os
import shutil
import tempfile
from pathlib import Path

from receiver.errors import ConfigurationError
from receiver.postgres import child
from receiver.postgres.accounts.account import Account, user_name
from receiver.postgres.binaries import MAJOR, Binaries

CLUSTER = "postgres"
INCOMPLETE = "postgres.incomplete-"
SUPERUSER = "receiver"
REASON_LINES = 10  # of initdb's output: its error and the context, and not its progress


def ready_cluster(data_dir: Path, account: Account, binaries: Binaries) -> Path:
    """Returns the cluster's directory, after ``initdb`` if there is none yet.

    Only the owner of the data directory may call it.

    Raises:
        ConfigurationError: the cluster cannot be made, or is not one we can run.
        OSError: the data directory cannot be written.
    """
    for incomplete in data_dir.glob(f"{INCOMPLETE}*"):
        shutil.rmtree(incomplete, ignore_errors=True)
    cluster = data_dir / CLUSTER
    if cluster.is_dir() and any(cluster.iterdir()):
        _require_our_version(cluster)
    else:
        _initialise(cluster, account, binaries)
    return cluster


def has_cluster(data_dir: Path) -> bool:
    """Whether a data directory holds a cluster, or something that nobody may look into."""
    try:
        return (data_dir / CLUSTER / "PG_VERSION").is_file()
    except PermissionError:
        return True


def require_owner(data_dir: Path, account: Account) -> None:
    """Refuses a cluster that belongs to another user than ``account``.

    Raises:
        ConfigurationError: names the user.
    """
    cluster = data_dir / CLUSTER
    owner = cluster.stat().st_uid if cluster.exists() else account.uid
    if owner != account.uid:
        raise ConfigurationError(
            f"{cluster} belongs to {user_name(owner)}, and Postgres would run as {account.name};"
            f" run as {user_name(owner)}, or choose another RECEIVER_DATA_DIR"
        )


def _require_our_version(cluster: Path) -> None:
    try:
        major = (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise ConfigurationError(
            f"{cluster} is not empty and holds no Postgres cluster; move it away"
        ) from None
    if major != MAJOR:
        raise ConfigurationError(
            f"{cluster} was made by Postgres {major}, and the embedded Postgres is {MAJOR};"
            " carry the data over with that version's pg_dump, or choose another RECEIVER_DATA_DIR"
        )


def _initialise(cluster: Path, account: Account, binaries: Binaries) -> None:
    # Renamed when complete: a crash half-way must not look like a cluster.
    incomplete = Path(tempfile.mkdtemp(prefix=INCOMPLETE, dir=cluster.parent))
    try:
        os.chown(incomplete, account.uid, account.gid)
        options = (
            f"--username={SUPERUSER}",
            "--auth=trust",  # only the same user and root reach the socket's private directory
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
        )
        command = (binaries.bin_dir / "initdb", "-D", incomplete, *options)
        status, output = child.run(account, command)
        if status != 0:
            lines = output.strip().splitlines()[-REASON_LINES:]
            raise ConfigurationError(
                f"no Postgres cluster can be made in {cluster.parent}: " + "\n".join(lines)
            )
        incomplete.rename(cluster)
        _sync(cluster.parent)
    finally:
        shutil.rmtree(incomplete, ignore_errors=True)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
