"""The directories of the embedded Postgres: data and socket, and who may enter them."""

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

import platformdirs

from receiver.errors import ConfigurationError
from receiver.postgres.accounts.account import Account

APPLICATION = "device-status-receiver"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 106  # bytes: sockaddr_un has room for 107 and a closing zero
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


def default_data_dir() -> Path:
    """Returns the data directory for settings that name none."""
    if os.geteuid() == 0:
        return Path("/var/lib") / APPLICATION
    return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False))


def make_data_dir(data_dir: Path, account: Account) -> None:
    """Makes the data directory and its missing parents; an existing one keeps its permissions.

    Args:
        data_dir: absolute and without symbolic links.
        account: runs Postgres in it.

    Raises:
        ConfigurationError: the account may not enter one of the directories on the way.
        OSError: it cannot be made.
    """
    require_open(data_dir, account)
    mode = 0o700 if account.is_ours else 0o755
    for directory in (*reversed(data_dir.parents), data_dir):
        if not directory.exists():
            directory.mkdir(exist_ok=True)
            directory.chmod(mode)


def require_open(directory: Path, account: Account) -> None:
    """Refuses a directory that another account cannot enter, and names the one in its way.

    Raises:
        ConfigurationError: names it; permissions are the administrator's and never widened here.
    """
    closed = None if account.is_ours else account.closed_directory(directory)
    if closed is not None:
        raise ConfigurationError(
            f"Postgres runs as user {account.name}, who may not enter {closed};"
            f" open it to that user, or choose a directory elsewhere than {directory}"
            " (RECEIVER_DATA_DIR)"
        )


def make_socket_directory(data_dir: Path, account: Account) -> Path:
    """Makes the private directory of the server's Unix socket: empty, and the same every time.

    Raises:
        ConfigurationError: a directory or file of somebody else stands in its place.
        OSError: it cannot be made.
    """
    directory = socket_directory(data_dir, account.uid)
    require_open(directory.parent, account)
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        # The temporary directory belongs to everybody, so a stranger may have been there first.
        status = directory.lstat()
        private = stat.S_ISDIR(status.st_mode) and not stat.S_IMODE(status.st_mode) & 0o077
        if not private or status.st_uid not in (account.uid, os.geteuid()):
            raise ConfigurationError(
                f"{directory} is not a private directory of user {account.name}; remove it"
            ) from None
    os.chown(directory, account.uid, account.gid, follow_symlinks=False)
    _clear(directory)
    return directory


def remove_socket_directory(directory: Path) -> None:
    """Removes the directory with the files that a killed server left in it."""
    with contextlib.suppress(OSError):
        _clear(directory)
        directory.rmdir()


def socket_directory(data_dir: Path, uid: int) -> Path:
    """Returns ``data_dir/run``, or a short path where libpq could not use that one.

    libpq takes at most 107 bytes, and takes a comma in a host for the start of the next one.
    """
    directory = data_dir / "run"
    if _is_usable(directory):
        return directory
    digest = hashlib.sha256(os.fsencode(data_dir) + b"\0%d" % uid).hexdigest()[:16]
    directory = Path(tempfile.gettempdir()).resolve() / f"receiver-{digest}"
    if not _is_usable(directory):
        raise ConfigurationError(
            f"the path of the temporary directory, {directory.parent}, cannot hold a socket;"
            " set TMPDIR to a short and plain one"
        )
    return directory


def _is_usable(directory: Path) -> bool:
    path = str(directory / SOCKET)
    return PLAIN_PATH.fullmatch(path) is not None and len(path) <= LONGEST_SOCKET_PATH


def _clear(directory: Path) -> None:
    for name in (SOCKET, f"{SOCKET}.lock"):
        (directory / name).unlink(missing_ok=True)
