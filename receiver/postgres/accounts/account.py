"""The system account that Postgres runs as; Postgres itself refuses to run as root."""

import grp
import os
import pwd
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from receiver.errors import ConfigurationError

# Of its own: the superusers of the system's Postgres can do whatever the user `postgres` can.
SYSTEM_USER = "device-status-receiver"

# Two receivers that start together may both make the user; the lock of the user database is held
# for milliseconds.
ATTEMPTS = 10
RETRY_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Account:
    """A user with an entry in the user database, and every group it belongs to."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]

    @property
    def is_ours(self) -> bool:
        """Whether this process already runs as that user."""
        return self.uid == os.geteuid()

    def may_enter(self, directory: Path) -> bool:
        """Tells whether the mode bits let this user pass through a directory."""
        status = directory.stat()
        if self.uid == 0:
            return True
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid in (self.gid, *self.groups):
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)

    def closed_directory(self, path: Path) -> Path | None:
        """Returns the first directory on the way into ``path`` that keeps this user out."""
        for directory in (*reversed(path.parents), path):
            if not directory.exists():
                return None
            if not self.may_enter(directory):
                return directory
        return None


def postgres_account() -> Account:
    """Returns the account for Postgres: our own, or as root a system user, made if missing.

    Raises:
        ConfigurationError: our own uid has no entry, or the user cannot be made.
    """
    uid = os.geteuid()
    if uid != 0:
        try:
            return _account(pwd.getpwuid(uid))
        except KeyError:
            raise ConfigurationError(
                f"uid {uid} has no entry in the user database, and the embedded Postgres needs one;"
                " run as a known user, or set DATABASE_URL to a Postgres of your own"
            ) from None
    if not _exists(SYSTEM_USER):
        _create(SYSTEM_USER)
    return _account(pwd.getpwnam(SYSTEM_USER))


def user_name(uid: int) -> str:
    """Returns the name of a user, or ``uid 1234`` for one without an entry."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def creation_commands(name: str, *, group_exists: bool, busybox: bool) -> list[list[str]]:
    """Returns the commands that make a system user without home, password or shell.

    Args:
        busybox: by the programs of busybox, in place of `useradd`.
    """
    home, shell = "/nonexistent", "/usr/sbin/nologin"
    if busybox:
        user = ["adduser", "-S", "-D", "-H", "-h", home, "-s", shell, "-G", name, name]
        return [user] if group_exists else [["addgroup", "-S", name], user]
    group = ["--gid", name] if group_exists else ["--user-group"]
    user = ["useradd", "--system", "--no-create-home", "--home-dir", home, "--shell", shell]
    return [[*user, *group, name]]


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _account(entry: pwd.struct_passwd) -> Account:
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(groups))


def _create(name: str) -> None:
    busybox = shutil.which("useradd") is None and shutil.which("adduser") is not None
    commands: list[list[str]] = []
    reason = ""
    for _ in range(ATTEMPTS):
        group_exists = any(name == group.gr_name for group in grp.getgrall())
        commands = creation_commands(name, group_exists=group_exists, busybox=busybox)
        try:
            for command in commands:
                subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - built above
        except OSError as error:
            reason = str(error)
            break
        except subprocess.CalledProcessError as error:
            reason = str(error.stderr).strip()
        if _exists(name):
            return
        time.sleep(RETRY_SECONDS)
    raise ConfigurationError(
        f"Postgres does not run as root, and the user {name} cannot be made ({reason});"
        f" make it with: {' && '.join(map(' '.join, commands))}"
    )
