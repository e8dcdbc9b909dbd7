"""The token: right, wrong, missing, and in another scheme."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from receiver.conformance import clauses
from receiver.conformance.case import (
    REFUSED,
    TAKEN,
    Case,
    Judge,
    Judgement,
    answers_with,
    describe,
    is_refused,
    is_taken,
)
from receiver.conformance.clauses import Clause, Level
from receiver.conformance.exchange import Answer, Credential
from receiver.conformance.published import ROAMING_API
from receiver.conformance.writing import Writer, post

GROUP = "the token"


def list_authenticating(writer: Writer) -> Iterator[Case]:
    """Yields the cases of a run in the order in which they are played."""

    def case(
        name: str,
        sent: str,
        asked: str,
        level: Level,
        clause: Clause,
        judge: Judge,
        credential: Credential,
    ) -> Case:
        event = post(writer.write(ROAMING_API, "roaming-on"))
        request = replace(event, credential=credential)
        return Case(name, GROUP, sent, asked, level, clause, (request,), judge)

    yield case(
        "scheme-in-lower-case",
        "`bearer` in place of `Bearer`",
        TAKEN,
        Level.SHOULD,
        clauses.SCHEME,
        is_taken,
        Credential.RIGHT_IN_LOWER_CASE,
    )
    yield case(
        "token-wrong",
        "a token that nobody was given",
        REFUSED,
        Level.MUST,
        clauses.TOKEN,
        is_refused,
        Credential.WRONG,
    )
    yield case(
        "token-wrong-is-401",
        "a token that nobody was given",
        "the refusal 401",
        Level.SHOULD,
        clauses.INVALID_TOKEN,
        answers_with(401),
        Credential.WRONG,
    )
    yield case(
        "unauthenticated-is-challenged",
        "a token that nobody was given",
        "`WWW-Authenticate` beside a 401",
        Level.MUST,
        clauses.CHALLENGE,
        _challenges,
        Credential.WRONG,
    )
    yield case(
        "token-missing",
        "no token",
        REFUSED,
        Level.SHOULD,
        clauses.SINK_CREDENTIAL,
        is_refused,
        Credential.NONE,
    )
    yield case(
        "token-of-another-scheme",
        "the token in the scheme Basic",
        REFUSED,
        Level.SHOULD,
        clauses.SINK_CREDENTIAL,
        is_refused,
        Credential.RIGHT_AS_BASIC,
    )


def _challenges(answers: Sequence[Answer]) -> Judgement:
    answer = answers[-1]
    if answer.status != 401:
        return Judgement(None, f"no 401: {describe(answers)}")
    has_challenge = "www-authenticate" in answer.headers
    return Judgement(has_challenge, f"401 {'with' if has_challenge else 'without'} a challenge")
