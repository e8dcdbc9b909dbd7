"""The system account that Postgres runs as; Postgres itself refuses to run as root."""

import grp
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from receiver.errors import ConfigurationError

POSTGRES = "postgres"


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
    """Returns the account for Postgres: our own, or as root the user ``postgres``, made if missing.

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
    try:
        return _account(pwd.getpwnam(POSTGRES))
    except KeyError:
        _create(POSTGRES)
    return _account(pwd.getpwnam(POSTGRES))


def user_name(uid: int) -> str:
    """Returns the name of a user, or ``uid 1234`` for one without an entry."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def creation_command(name: str, *, group_exists: bool) -> list[str]:
    """Returns the command that makes a system user without home, password or shell."""
    group = ["--gid", name] if group_exists else ["--user-group"]
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    return [*command, "--shell", "/usr/sbin/nologin", *group, name]


def _account(entry: pwd.struct_passwd) -> Account:
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(groups))


def _create(name: str) -> None:
    group_exists = any(name == group.gr_name for group in grp.getgrall())
    command = creation_command(name, group_exists=group_exists)
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - built above
    except (OSError, subprocess.CalledProcessError) as error:
        reason = str(getattr(error, "stderr", "") or error).strip()
        raise ConfigurationError(
            f"Postgres does not run as root, and the user {name} cannot be made ({reason});"
            f" make it with: {' '.join(command)}"
        ) from error
