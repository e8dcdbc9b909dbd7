"""A process that spools and drains, and is killed at the step that it is told.

`python -m tests.support.spool_killed FOLDER CONNINFO STEP NUMBER`: it prints the id of each event
that it was told is durable, and ends by SIGKILL at the step, the `NUMBER`th time.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from receiver.errors import CommitRefused
from receiver.events.event import Arrival
from receiver.spool import spool as rooms
from receiver.spool.draining import Drain
from receiver.spool.overflow import Overflow
from receiver.store.events.ingest import Ingest
from receiver.store.quarantine.rows import NewRow
from tests.support.arrivals import arrival
from tests.support.spooling import spool_in

BATCHES = 8
BATCH = 3


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise RuntimeError


def killing(call: Callable[..., Any], number: int, when: str) -> Callable[..., Any]:
    """Returns the call with an end of the process around it."""
    calls = 0

    def killed(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls < number:
            return call(*arguments, **options)
        if when == "amid":
            descriptor, content = arguments
            call(descriptor, content[: len(content) // 2])
        elif when == "after":
            call(*arguments, **options)
        die()

    return killed


async def run(folder: Path, conninfo: str, step: str, number: int) -> None:
    when, _, name = step.partition(" ")
    rooms.SEGMENT_BYTES = 5000
    ingest = Ingest(conninfo, statement_timeout_seconds=30, prepare_threshold=None)
    committed = 0

    async def commit(batch: Sequence[Arrival]) -> None:
        nonlocal committed
        if name == "commit" and when == "before" and committed + 1 == number:
            die()
        if name == "keep_only" and committed == 1:
            raise CommitRefused("away", "unreachable")
        await ingest.commit(batch)
        committed += 1
        if name == "commit" and when == "after" and committed == number:
            die()

    async def keep(_row: NewRow) -> None:
        raise RuntimeError

    spool = spool_in(folder)
    if name in {"write", "fdatasync", "fsync"}:
        setattr(os, name, killing(getattr(os, name), number, when))
    elif name == "rename":
        Path.rename = killing(Path.rename, number, when)  # type: ignore[method-assign] # a death
    for first in range(0, BATCHES * BATCH, BATCH):
        batch = [arrival(first + one) for one in range(BATCH)]
        await spool.append(batch)
        for one in batch:
            sys.stdout.write(f"{one.event.event_id}\n")
        sys.stdout.flush()
    if name == "unlink":
        Path.unlink = killing(Path.unlink, number, when)  # type: ignore[method-assign] # a death
    elif name == "keep_only":
        # The sync of what stays, or its taking the place of the file.
        if number == 1:
            os.fdatasync = killing(os.fdatasync, 1, when)
        else:
            Path.rename = killing(Path.rename, 1, when)  # type: ignore[method-assign] # a death
    overflow = Overflow(spool, count=lambda _outcome, _number: None)
    await Drain(overflow, commit=commit, keep=keep, batch_limit=2).run()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
