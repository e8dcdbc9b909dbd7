"""Whenever the process is killed, what it acknowledged is stored once by whoever comes next."""

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from receiver.errors import ReceiverError
from receiver.spool.draining import Drain
from receiver.spool.overflow import Overflow
from receiver.store.events.ingest import Ingest
from receiver.store.quarantine.rows import NewRow
from tests.support.paths import ROOT
from tests.support.spool_killed import BATCH, BATCHES
from tests.support.spooling import spool_in

STORED = """
SELECT event_id, deliveries FROM event JOIN event_identity USING (device_id, digest)
"""
ALL = BATCHES * BATCH
STEPS = [
    ("before write", 4),
    ("amid write", 5),
    ("after write", 6),
    ("before fdatasync", 3),
    ("after fdatasync", 3),
    ("before rename", 2),
    ("after rename", 2),
    ("before fsync", 2),
    ("after fsync", 2),
    ("before commit", 1),
    ("after commit", 1),
    ("after commit", 4),
    ("before unlink", 2),
    ("after unlink", 2),
    ("before keep_only", 1),
    ("after keep_only", 1),
    ("before keep_only", 2),
    ("after keep_only", 2),
]
# One for each kind of step: each starts a process.
SHORT = [
    ("amid write", 5),
    ("before fdatasync", 3),
    ("after commit", 4),
    ("after unlink", 2),
    ("before keep_only", 2),
]


async def keep(_row: NewRow) -> None:
    raise ReceiverError("nothing is refused")


@pytest.mark.parametrize(
    ("step", "number"),
    [pytest.param(*step, marks=() if step in SHORT else pytest.mark.long) for step in STEPS],
)
async def test_what_was_acknowledged_before_the_kill_is_stored_once(
    step: str, number: int, tmp_path: Path, conninfo: str
) -> None:
    program = [sys.executable, "-m", "tests.support.spool_killed"]
    ended = subprocess.run(  # noqa: ASYNC221 - nobody else waits
        [*program, str(tmp_path), conninfo, step, str(number)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    acknowledged = set(ended.stdout.split())
    assert 0 < len(acknowledged) <= ALL
    spool = spool_in(tmp_path)
    ingest = Ingest(conninfo, statement_timeout_seconds=30, prepare_threshold=None)
    overflow = Overflow(spool, count=lambda _outcome, _number: None)
    drain = Drain(overflow, commit=ingest.commit, keep=keep, batch_limit=2)
    drained = await drain.run()
    await ingest.close()
    await spool.aclose()
    assert (drained.quarantined, drained.left) == (0, 0)
    with psycopg.connect(conninfo) as connection:
        stored = connection.execute(STORED).fetchall()
    assert {deliveries for _, deliveries in stored} == {1}
    assert len(stored) <= len(acknowledged) + BATCH
    assert acknowledged <= {event_id for event_id, _ in stored}
    assert list(tmp_path.glob("*.spool")) == []
