"""One POST to the sink until it is answered."""

from datetime import UTC, datetime

import pytest
import structlog

from receiver.api.answers.exchange import Answer
from receiver.api.sink.posted import Posted
from tests.support.requests import Request

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def test_if_a_header_repeats_the_first_counts() -> None:
    posted = Posted(Request((b"authorization", b"first"), (b"authorization", b"second")), NOW)
    assert posted.authorization == "first"


def test_a_request_without_a_header_has_none() -> None:
    posted = Posted(Request(), NOW)
    assert posted.authorization is None
    assert dict(posted.text_headers) == {}


@pytest.mark.parametrize(("sent", "is_echoed"), [(b"mine", True), (b"not mine", False)])
def test_the_correlator_is_the_callers_if_it_is_well_formed(sent: bytes, is_echoed: bool) -> None:
    posted = Posted(Request((b"x-correlator", sent)), NOW)
    assert posted.correlator == (sent if is_echoed else posted.id.encode())
    assert len(posted.id) == 32


def test_an_answer_carries_the_correlator() -> None:
    request = Request((b"x-correlator", b"mine"))
    Posted(request, NOW).respond(Answer(204, "ok", (), b""))
    assert request.answers == [(204, b"mine")]


def test_the_log_lines_of_a_request_carry_its_correlator() -> None:
    with structlog.contextvars.bound_contextvars():
        Posted(Request((b"x-correlator", b"mine")), NOW).bind_log()
        assert structlog.contextvars.get_contextvars()["correlator"] == "mine"
        structlog.contextvars.clear_contextvars()
