"""How much write-ahead log the embedded server keeps between two checkpoints.

A page that changes for the first time after a checkpoint is written to the log as a whole, so that
rare checkpoints save most of the log of a large database. The log takes disk, and after a crash the
server reads all of it before it answers.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

MIB = 1024 * 1024

# Half of it is written between two checkpoints, and read again after a crash: 660 MB took 4.6 s
# (docs/performance.md), so that this takes a quarter of a minute.
LIMIT_MAX_BYTES = 4096 * MIB
# A checkpoint every few thousand events of a large database: slow, but it works.
LIMIT_MIN_BYTES = 256 * MIB
DISK_SHARE = 1 / 16
# Of what is free while the log is empty.
FREE_SHARE = 1 / 4

SETTINGS = {
    # Where few events come, a checkpoint every five minutes, the default, would write nearly every
    # page that they change as a whole.
    "checkpoint_timeout": "30min",
    # pglz, the only method of the binaries, takes twice the processor of all else (the same page).
    "wal_compression": "off",
}


def wal_limit(place: Path) -> int:
    """Returns the most bytes that the log may take on a disk, whatever else is on it.

    Args:
        place: an existing path on the disk.
    """
    return _bounded(shutil.disk_usage(place).total * DISK_SHARE)


def wal_settings(cluster: Path) -> Mapping[str, str]:
    """Returns the settings of the log for the server of a cluster, by the room on its disk."""
    log = cluster / "pg_wal"
    room = shutil.disk_usage(log).free + sum(file.stat().st_size for file in log.iterdir())
    limit = min(wal_limit(log), _bounded(room * FREE_SHARE))
    return {**SETTINGS, "max_wal_size": f"{limit // MIB}MB"}


def _bounded(size: float) -> int:
    return round(min(max(size, LIMIT_MIN_BYTES), LIMIT_MAX_BYTES))
