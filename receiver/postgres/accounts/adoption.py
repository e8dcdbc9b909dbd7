"""The adoption of a cluster that an earlier start, as root, ran as another system user.

Earlier releases ran it as ``postgres``, whom the superusers of the system's own Postgres command.
In a container that was made anew, the id of our user may be another than that of the volume.

| state of the cluster | its directory belongs to |
|---|---|
| left behind | ``postgres``, or an id without an entry in the user database |
| half-way, also after a crash | root, so that neither user can enter it |
| adopted | the account that Postgres runs as |
"""

import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from receiver.errors import ConfigurationError
from receiver.postgres.accounts.account import Account, user_name
from receiver.postgres.cluster import CLUSTER
from receiver.postgres.directories import remove_socket_directory, socket_directory
from receiver.postgres.postmaster import POLL_SECONDS

ROOT = 0
SHARED_USER = "postgres"
# Bits of a directory's mode with which others than its owner make entries in it.
OTHERS_WRITE = 0o022


def is_left_behind(data_dir: Path, account: Account) -> bool:
    """Returns whether root's receiver ran the cluster as another system user than now.

    Only root makes an entry in a directory of root's, so nobody else can have put the cluster
    there. The cluster of a user who ran the receiver himself is not left behind.
    """
    cluster = data_dir / CLUSTER
    # Without /proc nobody can tell that no process of the other user still writes there.
    if account.is_ours or sys.platform != "linux" or not cluster.is_dir() or cluster.is_symlink():
        return False
    home, owner = data_dir.stat(), cluster.stat().st_uid
    is_roots = home.st_uid == ROOT and not home.st_mode & OTHERS_WRITE
    return is_roots and owner != account.uid and _may_have_run(owner)


def adopt(cluster: Path, account: Account, timeout_seconds: float) -> None:
    """Gives a cluster that was left behind to the account; links are never followed.

    Only the owner of the data directory may call it, once no server runs on the cluster. A call
    that was interrupted is repeated by the next start.

    Raises:
        ConfigurationError: the cluster has links, or a process of the other user stays in it.
    """
    _require_no_links(cluster, account)
    _outlive_processes(cluster, timeout_seconds)
    previous = cluster.stat().st_uid
    os.chown(cluster, ROOT, ROOT)
    for folder, name in _entries(cluster):
        os.chown(name, account.uid, account.gid, dir_fd=folder, follow_symlinks=False)
    # On disk before the last step says that it is done.
    os.sync()
    os.chown(cluster, account.uid, account.gid)
    remove_socket_directory(socket_directory(cluster.parent, previous))


def _may_have_run(uid: int) -> bool:
    name = user_name(uid)
    return uid == ROOT or name == SHARED_USER or name == f"uid {uid}"


def _entries(cluster: Path) -> Iterator[tuple[int, str]]:
    """Yields a descriptor of the folder, and the name, of all that is below the cluster."""
    for _, folders, files, descriptor in os.fwalk(cluster):
        for name in (*folders, *files):
            yield descriptor, name


def _require_no_links(cluster: Path, account: Account) -> None:
    """Refuses links: what they lead to may be anybody's."""
    for folder, name in _entries(cluster):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        has_names = stat.S_ISREG(status.st_mode) and status.st_nlink > 1
        if has_names or stat.S_ISLNK(status.st_mode):
            raise ConfigurationError(
                f"Postgres now runs as user {account.name}, and {cluster} belongs to another and"
                f" holds links, such as {name}; once no server runs on it, give it and what they"
                f" lead to over: chown -R {account.name}:"
            )


def _outlive_processes(cluster: Path, timeout_seconds: float) -> None:
    """Waits for processes that outlived their server.

    Postgres itself would not notice them: they hold shared memory of another user.
    """
    deadline = time.monotonic() + timeout_seconds
    while pids := _processes_in(cluster):
        if time.monotonic() > deadline:
            raise ConfigurationError(
                f"processes of an earlier Postgres still run on {cluster}"
                f" ({', '.join(map(str, pids))}); end them with SIGTERM"
            )
        time.sleep(POLL_SECONDS)


def _processes_in(cluster: Path) -> list[int]:
    """Returns the processes whose working directory is the cluster, as that of every backend is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            directory = (process / "cwd").readlink()
        except OSError:  # it is gone, or was no more than a thread of the kernel
            continue
        if directory == cluster:
            found.append(int(process.name))
    return found
