"""What a sink answers: the success, the correlator and the error."""

from collections.abc import Iterator, Sequence

from receiver.conformance import clauses
from receiver.conformance.case import Case, Judge, Judgement, answers_with, describe
from receiver.conformance.clauses import Clause, Level
from receiver.conformance.exchange import Answer, Request
from receiver.conformance.published import ROAMING_API
from receiver.conformance.writing import STRUCTURED, Writer, post

GROUP = "answers"

CORRELATOR = "b4333c46-49c0-4f62-80d7-f0ef930f1c46"


def list_answering(writer: Writer) -> Iterator[Case]:
    """Yields the cases of a run in the order in which they are played."""

    def case(
        name: str,
        sent: str,
        asked: str,
        clause: Clause,
        level: Level,
        judge: Judge,
        *requests: Request,
    ) -> Case:
        return Case(name, GROUP, sent, asked, level, clause, requests, judge)

    event = post(writer.write(ROAMING_API, "roaming-on"))
    yield case(
        "success-is-204",
        "a published event",
        "the answer 204",
        clauses.ANSWER,
        Level.MUST,
        answers_with(204),
        event,
    )
    named = post(writer.write(ROAMING_API, "roaming-on"), x_correlator=CORRELATOR)
    yield case(
        "correlator-is-echoed",
        "a published event with `x-correlator`",
        "`x-correlator` with the same value in the answer",
        clauses.CORRELATOR,
        Level.SHOULD,
        _echoes_correlator,
        named,
    )
    broken = Request(b'{"specversion": ', {"content-type": STRUCTURED})
    yield case(
        "error-is-error-info",
        "a body that is no JSON",
        "`status`, `code` and `message` in the refusal",
        clauses.ERROR_INFO,
        Level.MUST,
        _has_error_info,
        broken,
    )


def _echoes_correlator(answers: Sequence[Answer]) -> Judgement:
    echoed = answers[-1].headers.get("x-correlator")
    if answers[-1].status is None:
        return Judgement(False, describe(answers))
    how = "none" if echoed is None else "the same" if echoed == CORRELATOR else "another"
    return Judgement(echoed == CORRELATOR, f"{describe(answers)}, `x-correlator`: {how}")


def _has_error_info(answers: Sequence[Answer]) -> Judgement:
    answer = answers[-1]
    if not answer.is_refusal:
        return Judgement(None, f"no refusal: {describe(answers)}")
    error = answer.error
    faults = [name for name in ("code", "message") if not isinstance(error.get(name), str)]
    if error.get("status") != answer.status:
        faults.insert(0, "status")
    missing = f", wrong or missing: {', '.join(faults)}" if faults else ""
    return Judgement(not faults, f"{describe(answers)}{missing}")
