"""HTTP: media types, the ways of a body, connections, other methods and the handshake."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace

from receiver.conformance import clauses
from receiver.conformance.case import (
    TAKEN,
    Case,
    Judge,
    Judgement,
    describe,
    is_answered,
    is_taken,
)
from receiver.conformance.clauses import Clause, Level
from receiver.conformance.exchange import Answer, Request
from receiver.conformance.published import ROAMING_API
from receiver.conformance.writing import STRUCTURED, Writer, post

GROUP = "HTTP"

ORIGIN = "conformance.invalid"
# Long enough to be a second packet, short beside the deadline of any sink.
PAUSE_SECONDS = 0.2
WRONG_METHODS = ("GET", "HEAD", "PUT", "DELETE")


def list_transport(writer: Writer) -> Iterator[Case]:
    """Yields the cases of a run in the order in which they are played."""

    def case(
        name: str,
        sent: str,
        asked: str,
        level: Level,
        clause: Clause | None,
        judge: Judge,
        *requests: Request,
    ) -> Case:
        return Case(name, GROUP, sent, asked, level, clause, requests, judge)

    def event(media_type: str = STRUCTURED, **headers: str) -> Request:
        return post(writer.write(ROAMING_API, "roaming-on"), media_type, **headers)

    yield case(
        "charset-parameter",
        f"`{STRUCTURED}; charset=utf-8`",
        TAKEN,
        Level.MUST,
        clauses.CHARSET,
        is_taken,
        event(f"{STRUCTURED}; charset=utf-8"),
    )
    yield case(
        "media-type-in-other-case",
        "`Application/CloudEvents+JSON`",
        TAKEN,
        Level.MUST,
        clauses.MEDIA_TYPE_CASE,
        is_taken,
        event("Application/CloudEvents+JSON"),
    )
    yield case(
        "chunked-body",
        "a body in the chunked transfer coding",
        TAKEN,
        Level.MUST,
        clauses.CHUNKED,
        is_taken,
        replace(event(), pieces=3, is_chunked=True),
    )
    yield case(
        "slow-body",
        "a body in pieces, with a pause between them",
        TAKEN,
        Level.INFORMATION,
        None,
        is_taken,
        replace(event(), pieces=3, pause_seconds=PAUSE_SECONDS),
    )
    packed = event(content_encoding="gzip")
    yield case(
        "gzip-body",
        "a body in gzip",
        f"{TAKEN}, or a refusal",
        Level.MAY,
        None,
        is_taken,
        replace(packed, body=gzip.compress(packed.body, mtime=0)),
    )
    yield case(
        "connection-is-kept",
        "two events, one after the other",
        "both on one connection",
        Level.SHOULD,
        clauses.PERSISTENCE,
        _keeps_connection,
        event(),
        event(),
    )
    for method in WRONG_METHODS:
        yield case(
            f"{method.lower()}-on-the-sink",
            f"{method} in place of POST",
            "a 405 that names the methods in `Allow`, or another answer",
            Level.MUST,
            clauses.ALLOW,
            _allows,
            Request(b"", {}, method),
        )
    handshake = {"webhook-request-origin": ORIGIN, "webhook-request-rate": "120"}
    yield case(
        "handshake",
        "OPTIONS with `WebHook-Request-Origin` and `WebHook-Request-Rate`",
        "consent with both headers, or 405",
        Level.SHOULD,
        clauses.HANDSHAKE,
        _consents_rightly,
        Request(b"", handshake, "OPTIONS"),
    )


def _keeps_connection(answers: Sequence[Answer]) -> Judgement:
    if not all(answer.is_success for answer in answers):
        return Judgement(None, describe(answers))
    is_kept = answers[0].port == answers[1].port
    return Judgement(is_kept, "one connection" if is_kept else "a connection for each")


def _allows(answers: Sequence[Answer]) -> Judgement:
    answer = answers[-1]
    if answer.status != 405:
        return Judgement(True if is_answered(answers).is_met else None, describe(answers))
    has_allow = "allow" in answer.headers
    return Judgement(has_allow, f"405 {'with' if has_allow else 'without'} `Allow`")


def _consents_rightly(answers: Sequence[Answer]) -> Judgement:
    answer = answers[-1]
    origin = answer.headers.get("webhook-allowed-origin")
    rate = answer.headers.get("webhook-allowed-rate")
    if origin is None and rate is None:
        return Judgement(answer.status == 405, f"{describe(answers)}, no consent")
    is_right = origin in (ORIGIN, "*") and rate is not None and _is_rate(rate)
    return Judgement(
        is_right, f"{describe(answers)}, {'consent' if is_right else 'a consent that is not whole'}"
    )


def _is_rate(text: str) -> bool:
    return text == "*" or (text.isascii() and text.isdecimal() and int(text) > 0)
