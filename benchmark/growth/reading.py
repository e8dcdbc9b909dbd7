"""Questions over HTTP, on several sizes in turns, over one connection each."""

import time
from collections.abc import Iterator, Mapping, Sequence

from benchmark.fleet.asking import Answer, Reader, Request, turn_page
from benchmark.growth.questions import Question
from benchmark.load.open_loop import find_percentile
from benchmark.measuring.growth import Asked

# Each question is asked in so many turns on every size, so that a drift of the machine meets all.
TURNS = 4
# The first answers prepare statements and fill caches.
WARM = 6
# An identifier without events, and a status that nothing told, are answers too.
ANSWERS = (200, 404, 422)
REFUSED = 503


def take(
    readers: Mapping[str, Reader],
    questions: Mapping[str, Sequence[Question]],
    *,
    count: int,
    seconds: float,
) -> Iterator[Asked]:
    """Asks every question on every size.

    Args:
        readers: one for each size, by its title.
        questions: likewise, in the same order for each size.
        count: of the answers to a question on one size; fewer, if they take long.
        seconds: after which no further question is asked on one size; each is asked once at least.
    """
    for same in zip(*questions.values(), strict=True):
        asking = {
            size: _Asking(readers[size], question)
            for size, question in zip(questions, same, strict=True)
        }
        for one in asking.values():
            one.warm(WARM, seconds / 2)
        for turn in range(1, TURNS + 1):
            for size in asking if turn % 2 else reversed(asking):
                asking[size].ask(-(-count * turn // TURNS), seconds * turn / TURNS)
        for size, one in asking.items():
            taken = [answer.milliseconds for answer in one.answers]
            yield Asked(
                size,
                one.question.name,
                one.question.is_dense,
                count=len(taken),
                refused=sum(answer.status == REFUSED for answer in one.answers),
                p50_ms=find_percentile(taken, 0.5),
                p99_ms=find_percentile(taken, 0.99),
            )


class _Asking:
    """One question on one size, with its place among the requests."""

    def __init__(self, reader: Reader, question: Question) -> None:
        self.question = question
        self.answers: list[Answer] = []
        self._reader = reader
        self._asked = 0
        self._spent_seconds = 0.0
        self._following: str | None = None

    def warm(self, count: int, seconds: float) -> None:
        """Asks a few times, and forgets the answers."""
        self.ask(count, seconds)
        self.answers.clear()
        self._spent_seconds = 0.0

    def ask(self, count: int, seconds: float) -> None:
        """Asks until there are so many answers, or until so much time is spent in all."""
        while len(self.answers) < count and (self._spent_seconds < seconds or not self.answers):
            begin = time.monotonic()
            self.answers.append(self._one())
            self._spent_seconds += time.monotonic() - begin

    def _one(self) -> Answer:
        requests = self.question.requests
        request = requests[self._asked % len(requests)]
        self._asked += 1
        answer = self._reader.send(request if self._following is None else Request(self._following))
        if answer.status not in (*ANSWERS, REFUSED):
            raise RuntimeError(f"{self.question.name}: {answer.status} {answer.body[:200]!r}")
        if self.question.turns_pages and answer.status != REFUSED:
            self._following = turn_page(request.path, answer)
        return answer
