"""A case: what is sent, what is asked for and by whom, and how the answers are judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from receiver.conformance.clauses import Clause, Level
from receiver.conformance.exchange import Answer, Request

TOO_MANY_REQUESTS = 429

# What cases ask for, in words.
TAKEN = "an answer of success"
REFUSED = "a refusal (4xx)"


class Verdict(StrEnum):
    """What became of a case.

    Attributes:
        PASSED: the sink does what is asked for, or need not do it and says so.
        FAILED: it does not do what it must.
        WARNED: it does not do what it should, or what senders count on.
        NOT_TRIED: nothing can be said, for a reason that is given.
    """

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    NOT_TRIED = "not-tried"


class Judgement(NamedTuple):
    """What the answers to a case show.

    Attributes:
        is_met: whether they are what is asked for; None: they do not show it.
        seen: in words.
    """

    is_met: bool | None
    seen: str


Judge = Callable[[Sequence[Answer]], Judgement]


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        name: in kebab case.
        group: under which it is reported.
        sent: what is sent, in words.
        asked: what is asked for, in words.
        clause: what asks; None: nothing does, and the level is information.
        requests: in order; each is answered before the next.
    """

    name: str
    group: str
    sent: str
    asked: str
    level: Level
    clause: Clause | None
    requests: tuple[Request, ...]
    judge: Judge


class Result(NamedTuple):
    """A case with what was seen of it.

    Attributes:
        seconds: to the last of its answers; None: it was not tried.
    """

    case: Case
    verdict: Verdict
    seen: str
    seconds: float | None = None


def decide(case: Case, answers: Sequence[Answer]) -> Result:
    """Returns the result of a case by the answers to all its requests."""
    seconds = answers[-1].seconds
    if any(answer.status == TOO_MANY_REQUESTS for answer in answers):
        return Result(case, Verdict.NOT_TRIED, "the sink limits the rate (429)", seconds)
    is_met, seen = case.judge(answers)
    if is_met is None:
        verdict = Verdict.NOT_TRIED
    elif is_met or (case.level is Level.MAY and answers[-1].is_refusal):
        verdict = Verdict.PASSED
    else:
        verdict = Verdict.FAILED if case.level is Level.MUST else Verdict.WARNED
    return Result(case, verdict, seen, seconds)


def describe(answers: Sequence[Answer]) -> str:
    """Returns what was answered, in order."""
    return ", then ".join(answer.describe() for answer in answers)


def is_taken(answers: Sequence[Answer]) -> Judgement:
    """Asks for a success each time."""
    return Judgement(all(answer.is_success for answer in answers), describe(answers))


def is_answered(answers: Sequence[Answer]) -> Judgement:
    """Asks for a success or a refusal each time: neither a fault of the sink nor silence."""
    is_met = all(answer.is_success or answer.is_refusal for answer in answers)
    return Judgement(is_met, describe(answers))


def is_refused(answers: Sequence[Answer]) -> Judgement:
    """Asks for a refusal."""
    return Judgement(answers[-1].is_refusal, describe(answers))


def answers_with(*statuses: int) -> Judge:
    """Returns the judge that asks for one of these statuses."""

    def judge(answers: Sequence[Answer]) -> Judgement:
        return Judgement(answers[-1].status in statuses, describe(answers))

    return judge
