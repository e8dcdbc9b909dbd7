"""HTTP: how connections, methods and the handshake are judged."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from receiver.conformance.cases.transport import ORIGIN, WRONG_METHODS, list_transport
from receiver.conformance.exchange import Answer
from receiver.conformance.writing import Writer

CASES = {
    case.name: case for case in list_transport(Writer("run", datetime(2026, 3, 4, tzinfo=UTC)))
}


def test_a_body_goes_in_each_way() -> None:
    chunked, slow = CASES["chunked-body"].requests[0], CASES["slow-body"].requests[0]
    assert (chunked.is_chunked, chunked.pieces, chunked.pause_seconds) == (True, 3, 0)
    assert (slow.is_chunked, slow.pieces, slow.pause_seconds > 0) == (False, 3, True)
    packed = CASES["gzip-body"].requests[0]
    assert json.loads(gzip.decompress(packed.body))["specversion"] == "1.0"
    assert packed.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("answers", "is_met"),
    [
        ([Answer(204, port=1), Answer(204, port=1)], True),
        ([Answer(204, port=1), Answer(204, port=2)], False),
        ([Answer(204, port=1), Answer(500, port=1)], None),
    ],
)
def test_a_connection_is_kept_where_both_go_from_one_port(
    answers: list[Answer], is_met: bool | None
) -> None:
    assert CASES["connection-is-kept"].judge(answers).is_met is is_met


@pytest.mark.parametrize("method", WRONG_METHODS)
@pytest.mark.parametrize(
    ("answer", "is_met"),
    [
        (Answer(405, headers={"allow": "POST"}), True),
        (Answer(405), False),
        (Answer(404), True),
        (Answer(200), True),
        (Answer(500), None),
        (Answer(None, "closed"), None),
    ],
)
def test_a_405_names_the_methods(method: str, answer: Answer, is_met: bool | None) -> None:
    assert CASES[f"{method.lower()}-on-the-sink"].judge([answer]).is_met is is_met


@pytest.mark.parametrize(
    ("status", "origin", "rate", "is_met"),
    [
        (200, ORIGIN, "*", True),
        (200, "*", "120", True),
        (204, ORIGIN, "1", True),
        (405, None, None, True),
        (200, None, None, False),
        (404, None, None, False),
        (200, "other.invalid", "*", False),
        (200, ORIGIN, None, False),
        (200, ORIGIN, "0", False),
        (200, ORIGIN, "²", False),
        (200, ORIGIN, "fast", False),
    ],
)
def test_a_handshake_is_consent_with_both_headers_or_405(
    status: int, origin: str | None, rate: str | None, is_met: bool
) -> None:
    named = {"webhook-allowed-origin": origin, "webhook-allowed-rate": rate}
    headers = {name: value for name, value in named.items() if value is not None}
    assert CASES["handshake"].judge([Answer(status, headers=headers)]).is_met is is_met
