"""How long answers take over HTTP, one question at a time."""

import json
import random
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import md5
from http.client import HTTPConnection
from uuid import UUID

from benchmark.load.open_loop import find_percentile

# The first questions open connections and prepare statements.
WARM = 20
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """How long the answers to one question took, in milliseconds."""

    question: str
    count: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Reader:
    """Asks over one connection.

    Args:
        address: of the service, without a path.
        token: of a reader.
    """

    def __init__(self, address: str, token: str) -> None:
        self._connection = HTTPConnection(address.removeprefix("http://"), timeout=TIMEOUT_SECONDS)
        self._headers = {"Authorization": f"Bearer {token}"}

    def close(self) -> None:
        self._connection.close()

    def ask(self, path: str) -> dict[str, object]:
        """Returns the answer.

        Raises:
            RuntimeError: the answer is not 200.
        """
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path.partition('?')[0]}: {answer.status} {body[:200]!r}")
        read: dict[str, object] = json.loads(body)
        return read

    def take(self, question: str, paths: Iterable[str]) -> Taken:
        """Asks for each path once, and measures all but the first few."""
        return _sum_up(question, [self._time(path)[0] for path in paths])

    def take_pages(self, question: str, path: str, pages: int) -> Taken:
        """Turns pages, from the first one on and from the beginning again at the end."""
        taken: list[float] = []
        following = path
        for _ in range(WARM + pages):
            milliseconds, answer = self._time(following)
            taken.append(milliseconds)
            cursor = answer.get("nextCursor")
            following = path if cursor is None else f"{path}&cursor={cursor}"
        return _sum_up(question, taken)

    def take_for(self, question: str, paths: Sequence[str], seconds: float) -> Taken:
        """Asks for the paths in turn until so much time has passed."""
        taken: list[float] = []
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            taken.append(self._time(paths[len(taken) % len(paths)])[0])
        return _sum_up(question, taken)

    def _time(self, path: str) -> tuple[float, dict[str, object]]:
        begin = time.perf_counter()
        answer = self.ask(path)
        return (time.perf_counter() - begin) * 1000, answer


def _sum_up(question: str, taken: Sequence[float]) -> Taken:
    measured = list(taken[WARM:])
    p50, p99 = (find_percentile(measured, share) for share in (0.5, 0.99))
    return Taken(question, len(measured), p50, p99, max(measured))


def choose_devices(devices: int, count: int, *, by_traffic: bool) -> list[UUID]:
    """Returns ids of devices that `facts` wrote, by chance.

    Args:
        by_traffic: as often as they have events; otherwise each as often.
    """
    choice = random.Random(12)  # noqa: S311 - no secret
    numbers = [
        int(devices * (choice.random() ** 2 if by_traffic else choice.random()))
        for _ in range(count + WARM)
    ]
    return [UUID(bytes=md5(f"device {number}".encode()).digest()) for number in numbers]  # noqa: S324


def take_beside(address: str, token: str, devices: int, seconds: float) -> list[Taken]:
    """Asks for statuses and pages of the fleet, for half of the time each.

    In a process of its own: whoever drives the intake meanwhile would be in the way.
    """
    statuses = [f"/devices/{one}/status" for one in choose_devices(devices, 1000, by_traffic=False)]
    with closing(Reader(address, token)) as reader:
        return [
            reader.take_for("status", statuses, seconds / 2),
            reader.take_for("fleet, a page of 50", ["/devices?limit=50"], seconds / 2),
        ]
