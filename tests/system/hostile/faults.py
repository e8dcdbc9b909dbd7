"""What a database can do to a service: cancel, time out, hang up; and what it logs of it."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.system.hostile.marks import NUMBER, PLANTED, VALUE
from tests.system.hostile.watch import OURS, connect

TIMES = 10
PAUSE_SECONDS = 0.05
LOCK_SECONDS = 7.0  # longer than the statement timeout, which is twice the commit's

CANCEL = f"""
SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND application_name <> '{OURS}' AND state = 'active'
"""  # noqa: S608 - from this file
TERMINATE = f"""
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND application_name <> '{OURS}'
"""  # noqa: S608 - from this file

# Each quotes its parameter in the message or its detail.
REFUSED = (
    ("SELECT %s::json", VALUE),
    ("SELECT %s::uuid", NUMBER),
    ("SELECT %s::inet", f"{NUMBER} {VALUE}"),
    ("SELECT %s::timestamptz", VALUE),
    ("INSERT INTO event_identity SELECT * FROM event_identity WHERE %s <> '' LIMIT 1", VALUE),
)


def provoke(data_dir: Path, commits: Callable[[], int]) -> None:
    """All faults, one after the other, while somebody posts.

    Args:
        commits: how many posts were answered so far: the next fault waits for one more.
    """
    with connect(data_dir) as database:
        for statement, parameter in REFUSED:
            with suppress(psycopg.Error):
                database.execute(statement, [parameter])
        for _ in range(TIMES):
            database.execute(CANCEL)
            time.sleep(PAUSE_SECONDS)
        with database.transaction():
            database.execute("LOCK TABLE event_identity, event, quarantine IN EXCLUSIVE MODE")
            database.execute("SELECT pg_sleep(%s)", [LOCK_SECONDS])
        for _ in range(3):
            before = commits()
            database.execute(TERMINATE)
            while commits() == before:
                time.sleep(PAUSE_SECONDS)
        database.execute(f"DO $$ BEGIN RAISE LOG '{PLANTED}'; END $$")
