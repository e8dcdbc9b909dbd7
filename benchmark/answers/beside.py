"""Questions beside the intake, from a process of their own: the driver would be in the way."""

from collections.abc import Sequence
from contextlib import closing

from benchmark.fleet.asking import READER_TOKEN, Reader, Taken


def take_beside(address: str, statuses: Sequence[str], seconds: float) -> list[Taken]:
    """Asks for statuses and pages of the fleet, for half of the time each.

    Args:
        statuses: paths.
    """
    with closing(Reader(address, READER_TOKEN)) as reader:
        return [
            reader.take_for("status", statuses, seconds / 2),
            reader.take_for("fleet, a page of 50", ["/devices?limit=50"], seconds / 2),
        ]
