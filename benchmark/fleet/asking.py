"""How long answers take over HTTP, one question at a time."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection

from benchmark.load.open_loop import find_percentile

READER_TOKEN = "dsr_a-reader-of-the-benchmark-and-of-nothing-else"  # noqa: S105
# The first questions open connections and prepare statements.
WARM = 20
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a question; with a body it is a POST."""

    path: str
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request, and how long it took."""

    status: int
    body: bytes
    milliseconds: float

    def read(self) -> dict[str, object]:
        """Returns the JSON object."""
        read: dict[str, object] = json.loads(self.body)
        return read


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

    def send(self, request: Request) -> Answer:
        """Returns the answer, whatever its status."""
        begin = time.perf_counter()
        if request.body is None:
            self._connection.request("GET", request.path, headers=self._headers)
        else:
            headers = {**self._headers, "Content-Type": "application/json"}
            self._connection.request("POST", request.path, json.dumps(request.body), headers)
        answer = self._connection.getresponse()
        body = answer.read()
        return Answer(answer.status, body, (time.perf_counter() - begin) * 1000)

    def ask(self, path: str) -> dict[str, object]:
        """Returns the answer.

        Raises:
            RuntimeError: the answer is not 200.
        """
        return self._ask(path).read()

    def take(self, question: str, paths: Iterable[str]) -> Taken:
        """Asks for each path once, and measures all but the first few."""
        return _sum_up(question, [self._ask(path).milliseconds for path in paths])

    def take_pages(self, question: str, path: str, pages: int) -> Taken:
        """Turns pages, from the first one on and from the beginning again at the end."""
        taken: list[float] = []
        following = path
        for _ in range(WARM + pages):
            answer = self._ask(following)
            taken.append(answer.milliseconds)
            following = turn_page(path, answer)
        return _sum_up(question, taken)

    def take_for(self, question: str, paths: Sequence[str], seconds: float) -> Taken:
        """Asks for the paths in turn until so much time has passed."""
        taken: list[float] = []
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            taken.append(self._ask(paths[len(taken) % len(paths)]).milliseconds)
        return _sum_up(question, taken)

    def _ask(self, path: str) -> Answer:
        answer = self.send(Request(path))
        if answer.status != 200:
            raise RuntimeError(f"{path.partition('?')[0]}: {answer.status} {answer.body[:200]!r}")
        return answer


def turn_page(path: str, answer: Answer) -> str:
    """Returns the path of the page behind an answer; behind the last one, that of the first."""
    cursor = answer.read().get("nextCursor")
    return path if cursor is None else f"{path}{'&' if '?' in path else '?'}cursor={cursor}"


def _sum_up(question: str, taken: Sequence[float]) -> Taken:
    measured = list(taken[WARM:])
    p50, p99 = (find_percentile(measured, share) for share in (0.5, 0.99))
    return Taken(question, len(measured), p50, p99, max(measured))
