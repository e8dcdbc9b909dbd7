"""The check of the spool: private, with room, and nothing waits in it for long."""

import os
import shutil
from datetime import UTC

from receiver.doctor.diagnosis import CheckResult, failed, ok, skipped, warning
from receiver.settings.spool import SpoolSettings
from receiver.spool.folder import require_private
from receiver.spool.inspection import FileState, inspect


def check_spool(settings: SpoolSettings) -> CheckResult:
    """Checks that RECEIVER_SPOOL_DIR can be used, and tells what lies there."""
    folder = settings.spool_dir
    if folder is None:
        return skipped("RECEIVER_SPOOL_DIR is not set; without the database the answer is 503")
    if not folder.exists():
        return ok("the folder is made at the next start")
    if folder.stat().st_uid != os.geteuid():
        return skipped("the folder belongs to another user; run the doctor as that one")
    require_private(folder)
    files = inspect(folder)
    waiting = [file for file in files if file.state is not FileState.DAMAGED]
    records, size_bytes = sum(file.records for file in waiting), sum(f.size_bytes for f in files)
    if len(waiting) < len(files):
        return warning(
            f"{len(files) - len(waiting)} damaged files are set aside; `receiver spool list` names"
            " them"
        )
    if size_bytes >= settings.spool_limit_bytes:
        return failed(f"it is full, {records} notifications wait in it for the database")
    if shutil.disk_usage(folder).free <= settings.spool_reserve_bytes:
        return failed("its disk has no more room than RECEIVER_SPOOL_RESERVE_BYTES: make room")
    if not records:
        return ok("nothing waits in it")
    oldest = min(file.begun_at for file in waiting).astimezone(UTC)
    return warning(
        f"{records} notifications ({size_bytes} bytes) wait in it since"
        f" {oldest:%Y-%m-%dT%H:%M:%SZ}; the service stores them, or `receiver spool drain`"
    )
