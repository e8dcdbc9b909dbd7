"""The checks without a database: the environment, the disk, the files with tokens."""

import shutil
import time
from pathlib import Path

from receiver.app.first_start import FIRST_CREDENTIALS
from receiver.doctor.diagnosis import CheckResult, failed, ok, skipped, warning
from receiver.postgres.wal import wal_limit
from receiver.settings.inspection import describe_unknown, find_unknown

DAY_SECONDS = 86_400
MIB = 1024 * 1024
# Eight WAL segments of 16 MiB: the next burst of notifications may fill the disk.
SPACE_FAILED_BYTES = 128 * MIB

# Days: a trial is over by then. The tokens of the first start never expire, because a 401 can end
# a subscription for good.
FIRST_CREDENTIALS_DAYS = 30

# Bits of a file's mode that give others access.
OTHERS_READ_OR_WRITE = 0o077
OTHERS_WRITE = 0o022


def check_settings() -> CheckResult:
    """Checks that every variable with the prefix is a setting; their values were checked before."""
    unknown = find_unknown()
    return warning(describe_unknown(unknown)) if unknown else ok("every setting is understood")


def check_disk_space(data_dir: Path) -> CheckResult:
    """Checks that the disk of the embedded Postgres has room."""
    existing = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    room = f"{free // MIB} MiB free at {existing}"
    if free < SPACE_FAILED_BYTES:
        return failed(f"{room}; Postgres is about to stop: make room")
    # The log alone may grow so much before Postgres uses its files again.
    if free < wal_limit(existing):
        return warning(f"{room}; make room")
    return ok(room)


def check_first_credentials(data_dir: Path) -> CheckResult:
    """Checks that the tokens of the first start are private, and that they do not stay for ever."""
    directory = data_dir / FIRST_CREDENTIALS
    try:
        files = sorted(directory.iterdir())
        is_open = directory.stat().st_mode & OTHERS_WRITE
        readable = [path for path in files if path.stat().st_mode & OTHERS_READ_OR_WRITE]
    except FileNotFoundError:
        return skipped(f"there is no {directory}")
    except PermissionError:
        return skipped(f"{directory} belongs to another user, and is closed to this one")
    if readable:
        names = " ".join(map(str, readable))
        return failed(f"others can use {names}: chmod 600, and replace these credentials")
    if is_open:
        return failed(f"others can write to {directory}: chmod 700")
    oldest = min((path.stat().st_mtime for path in files), default=time.time())
    age_days = int((time.time() - oldest) / DAY_SECONDS)
    if age_days >= FIRST_CREDENTIALS_DAYS:
        return warning(
            f"tokens that never expire lie in {directory} for {age_days} days; make credentials of"
            " your own, run `receiver credential revoke` for those of the first start, and remove"
            " the files"
        )
    return ok(f"only their owner can read the {len(files)} files in {directory}")
