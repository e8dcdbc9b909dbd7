"""Every question of the growth part is asked in turns, and what is refused is counted."""

from collections.abc import Sequence
from contextlib import closing

import pytest

from benchmark.fleet.asking import READER_TOKEN, Answer, Reader, Request
from benchmark.growth import reading, reporting
from benchmark.growth.questions import Question, list_questions
from benchmark.growth.stock import Stock
from benchmark.measuring.growth import Asked
from tests.support.fleet import FilledFleet

# What they find in a small fleet is chance, or nothing.
CHANCE = ("a day", "hour", "nothing", "never", "rare", "silent", "unknown", "sessions")


class Scripted(Reader):
    """Answers with these statuses in turn, each page with a cursor of its own."""

    def __init__(self, statuses: Sequence[int]) -> None:
        super().__init__("http://127.0.0.1:9", READER_TOKEN)
        self.statuses = statuses
        self.paths: list[str] = []

    def send(self, request: Request) -> Answer:
        self.paths.append(request.path)
        asked = len(self.paths)
        return Answer(
            self.statuses[asked % len(self.statuses)], b'{"nextCursor": "%d"}' % asked, float(asked)
        )


def test_every_question_finds_what_the_fleet_has(filled: FilledFleet) -> None:
    questions = list_questions(filled.url, filled.fleet)
    with closing(Reader(filled.running.address, READER_TOKEN)) as reader:
        answers = {one.name: reader.send(one.requests[0]) for one in questions}
        assert len(answers) == len(questions) >= 25
        for name, answer in answers.items():
            assert answer.status in reading.ANSWERS, (name, answer.body)
            if not any(word in name for word in CHANCE):
                assert answer.status == 200 or "CAMARA" in name, (name, answer.body)
                assert answer.read().get("items") != [], name
        some = questions[::10]
        found = list(reading.take({"one": reader}, {"one": some}, count=1, seconds=0.01))
    assert [one.question for one in found] == [one.name for one in some]
    assert {one.refused for one in found} == {0}
    assert all(0 < one.p50_ms <= one.p99_ms for one in found)


def test_both_sizes_are_asked_in_turns_and_each_turns_its_own_pages() -> None:
    question = Question("pages", [Request("/events?limit=50")], turns_pages=True)
    readers = {"small": Scripted([200]), "large": Scripted([200, 503])}
    small, large = ask(readers, question)
    assert (small.size, large.size) == ("small", "large")
    assert (small.refused, large.refused) == (0, large.count // 2)
    assert readers["small"].paths[:2] == ["/events?limit=50", "/events?limit=50&cursor=1"]


def test_a_slow_question_is_asked_once_on_each_size() -> None:
    question = Question("slow", [Request("/events")])
    readers = {"small": Scripted([503]), "large": Scripted([503])}
    found = ask(readers, question, seconds=0)
    assert [(one.count, one.refused) for one in found] == [(1, 1), (1, 1)]


def test_a_fault_of_the_benchmark_itself_is_no_answer() -> None:
    question = Question("wrong", [Request("/events?limit=0")])
    with pytest.raises(RuntimeError, match="wrong: 400"):
        ask({"one": Scripted([400])}, question)


def test_every_report_ends(filled: FilledFleet) -> None:
    stock = Stock(filled.url, filled.fleet)
    found = list(reporting.take([stock], rounds=1, limit_seconds=10))
    assert {one.report for one in found} == set(reporting.REPORTS)
    assert all(0 < one.seconds < 10 for one in found)


def test_a_report_that_takes_too_long_is_given_up(filled: FilledFleet) -> None:
    stock = Stock(filled.url, filled.fleet)
    found = list(reporting.take([stock], rounds=1, limit_seconds=0.001))
    assert max(one.seconds for one in found) == 0.001


def ask(readers: dict[str, Scripted], question: Question, *, seconds: float = 10) -> list[Asked]:
    """Asks one question on every size."""
    questions = {size: [question] for size in readers}
    return list(reading.take(readers, questions, count=8, seconds=seconds))
