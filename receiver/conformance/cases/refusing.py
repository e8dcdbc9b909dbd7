"""Faulty notifications: what a sink refuses, and that it never fails of them."""

from collections.abc import Iterator

from receiver.conformance import clauses
from receiver.conformance.case import (
    REFUSED,
    Case,
    Judge,
    answers_with,
    is_answered,
    is_refused,
)
from receiver.conformance.clauses import Clause, Level
from receiver.conformance.exchange import Request
from receiver.conformance.published import ROAMING_API, Members
from receiver.conformance.writing import STRUCTURED, Writer, post

GROUP = "faulty notifications"

ANSWERED = "a success or a refusal, no fault of the sink"
# Eight times what sinks of this kind take by default.
TOO_LARGE_BYTES = 2 * 1024 * 1024


def list_refusing(writer: Writer) -> Iterator[Case]:
    """Yields the cases of a run in the order in which they are played."""

    def case(
        name: str,
        sent: str,
        asked: str,
        level: Level,
        clause: Clause | None,
        judge: Judge,
        request: Request,
    ) -> Case:
        return Case(name, GROUP, sent, asked, level, clause, (request,), judge)

    def event(changed: Members) -> Request:
        return post(writer.write(ROAMING_API, "roaming-on", changed))

    yield case(
        "not-json",
        "a body that is no JSON",
        REFUSED,
        Level.SHOULD,
        clauses.SYNTAX_ERROR,
        is_refused,
        Request(b'{"specversion": ', {"content-type": STRUCTURED}),
    )
    yield case(
        "not-an-event",
        "a JSON object that is no event",
        REFUSED,
        Level.SHOULD,
        clauses.REQUIRED_ATTRIBUTES,
        is_refused,
        post({"hello": "sink"}),
    )
    for attribute in ("id", "source", "type", "specversion"):
        yield case(
            f"{attribute}-missing",
            f"a CloudEvent without `{attribute}`",
            REFUSED,
            Level.SHOULD,
            clauses.REQUIRED_ATTRIBUTES,
            is_refused,
            event({attribute: None}),
        )
    yield case(
        "time-missing",
        "a CloudEvent without `time`",
        ANSWERED,
        Level.INFORMATION,
        clauses.ENVELOPE,
        is_answered,
        event({"time": None}),
    )
    yield case(
        "data-is-a-list",
        "a CloudEvent whose `data` is a list",
        REFUSED,
        Level.SHOULD,
        clauses.VALIDATION,
        is_refused,
        event({"data": ["not", "an", "object"]}),
    )
    yield case(
        "unknown-type",
        "a CloudEvent of a type that nobody published",
        ANSWERED,
        Level.INFORMATION,
        None,
        is_answered,
        post(writer.write("conformance", "nobody-knows-this")),
    )
    yield case(
        "wrong-media-type",
        "text that says it is `text/plain`",
        "the refusal 415",
        Level.SHOULD,
        clauses.UNSUPPORTED_FORMAT,
        answers_with(415),
        Request(b"hello sink", {"content-type": "text/plain"}),
    )
    yield case(
        "too-large",
        "a body of 2 MiB",
        ANSWERED,
        Level.INFORMATION,
        None,
        is_answered,
        event({"conformance": "x" * TOO_LARGE_BYTES}),
    )
