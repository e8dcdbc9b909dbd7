"""The verdict on a case, by its level and by what was answered."""

from collections.abc import Sequence

import pytest

from receiver.conformance.case import (
    Case,
    Judge,
    Verdict,
    answers_with,
    decide,
    describe,
    is_answered,
    is_refused,
    is_taken,
)
from receiver.conformance.clauses import Level
from receiver.conformance.exchange import Answer, Request

TAKEN, REFUSED, FAULT, SILENCE = Answer(204), Answer(400), Answer(500), Answer(None, "closed")


def case(level: Level, judge: Judge = is_taken) -> Case:
    return Case("a-case", "a group", "sent", "asked", level, None, (Request(b"", {}),), judge)


@pytest.mark.parametrize(
    ("level", "verdicts"),
    [
        (Level.MUST, ("passed", "failed", "failed", "failed")),
        (Level.SHOULD, ("passed", "warned", "warned", "warned")),
        (Level.INFORMATION, ("passed", "warned", "warned", "warned")),
        # What need not be done may be refused, but is no reason to fail.
        (Level.MAY, ("passed", "passed", "warned", "warned")),
    ],
)
def test_a_level_decides_what_is_made_of_an_answer(level: Level, verdicts: tuple[str, ...]) -> None:
    answers = (TAKEN, REFUSED, FAULT, SILENCE)
    assert tuple(decide(case(level), [one]).verdict for one in answers) == verdicts


def test_a_limit_of_the_rate_says_nothing_of_the_case() -> None:
    result = decide(case(Level.MUST), [TAKEN, Answer(429)])
    assert result.verdict is Verdict.NOT_TRIED


@pytest.mark.parametrize(
    ("judge", "met"),
    [
        (is_taken, [[TAKEN], [TAKEN, TAKEN]]),
        (is_refused, [[REFUSED], [TAKEN, REFUSED]]),
        (is_answered, [[TAKEN], [REFUSED], [TAKEN, TAKEN], [TAKEN, REFUSED]]),
        (answers_with(204), [[TAKEN], [TAKEN, TAKEN]]),
    ],
)
def test_each_judge_asks_for_its_own(judge: Judge, met: Sequence[list[Answer]]) -> None:
    tried = [[TAKEN], [REFUSED], [FAULT], [SILENCE], [TAKEN, TAKEN], [TAKEN, REFUSED],
             [TAKEN, FAULT]]  # fmt: skip
    assert [answers for answers in tried if judge(answers).is_met] == met


def test_answers_are_told_in_order() -> None:
    assert describe([TAKEN, SILENCE]) == "204, then no answer (closed)"
