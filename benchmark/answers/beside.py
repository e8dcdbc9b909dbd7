"""Questions beside the intake, from a process of their own: the driver would be in the way."""

import os
from collections.abc import Sequence
from contextlib import closing, suppress

from benchmark.fleet.asking import READER_TOKEN, Reader, Taken

# Ahead of what is measured. A reader has a machine of its own: what it waits for a core here is not
# the service's, and it takes little of one.
PRIORITY = -10


def take_beside(address: str, statuses: Sequence[str], seconds: float) -> list[Taken]:
    """Asks for statuses and pages of the fleet, for half of the time each.

    Args:
        statuses: paths.
    """
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    with closing(Reader(address, READER_TOKEN)) as reader:
        return [
            reader.take_for("status", statuses, seconds / 2),
            reader.take_for("fleet, a page of 50", ["/devices?limit=50"], seconds / 2),
        ]
