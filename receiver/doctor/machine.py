"""What can be seen without a database: the environment, the disk, the files with tokens."""

import os
import shutil
from pathlib import Path

from receiver.app.first_start import FIRST_CREDENTIALS
from receiver.doctor.diagnosis import Outcome, failed, ok, skipped, warning
from receiver.settings.settings import Settings, variable_name

PREFIX = "RECEIVER_"
# Read by a command itself, not by the settings.
OTHER_VARIABLES = frozenset({"RECEIVER_TOKEN"})

MIB = 1024 * 1024
SPACE_WARNING = 1024 * MIB
SPACE_FAILED = 128 * MIB

OTHERS_READ_OR_WRITE = 0o077
OTHERS_WRITE = 0o022


def settings_are_known() -> Outcome:
    """Whether the environment holds no setting that nobody reads; the values are good already."""
    known = {variable_name(field) for field in Settings.model_fields} | OTHER_VARIABLES
    stray = sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )
    if stray:
        return warning(f"{', '.join(stray)}: no such setting; correct the name or remove it")
    return ok("every setting is understood")


def disk_space(data_dir: Path) -> Outcome:
    """Whether the embedded Postgres has room to go on."""
    existing = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    said = f"{free // MIB} MiB free at {existing}"
    if free < SPACE_FAILED:
        return failed(f"{said}; Postgres is about to stop: make room")
    if free < SPACE_WARNING:
        return warning(f"{said}; make room")
    return ok(said)


def first_credentials(data_dir: Path) -> Outcome:
    """Whether nobody else can read the tokens that the first start left."""
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
    return ok(f"only their owner can read the {len(files)} files in {directory}")
