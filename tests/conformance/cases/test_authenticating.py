"""The token: which one each case sends, and how a 401 is judged."""

from datetime import UTC, datetime

from receiver.conformance.cases.authenticating import list_authenticating
from receiver.conformance.exchange import Answer, Credential
from receiver.conformance.writing import Writer

CASES = {
    case.name: case for case in list_authenticating(Writer("run", datetime(2026, 3, 4, tzinfo=UTC)))
}


def test_each_case_sends_its_own_credential() -> None:
    assert {name: case.requests[0].credential for name, case in CASES.items()} == {
        "scheme-in-lower-case": Credential.RIGHT_IN_LOWER_CASE,
        "token-wrong": Credential.WRONG,
        "token-wrong-is-401": Credential.WRONG,
        "unauthenticated-is-challenged": Credential.WRONG,
        "token-missing": Credential.NONE,
        "token-of-another-scheme": Credential.RIGHT_AS_BASIC,
    }


def test_a_401_comes_with_a_challenge() -> None:
    judge = CASES["unauthenticated-is-challenged"].judge
    challenge = {"www-authenticate": "Bearer"}
    assert judge([Answer(401, headers=challenge)]) == (True, "401 with a challenge")
    assert judge([Answer(401)]) == (False, "401 without a challenge")
    assert judge([Answer(403)]) == (None, "no 401: 403")
