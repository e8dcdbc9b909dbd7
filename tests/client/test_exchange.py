import pytest

from receiver.client.answers.operations import Liveness
from receiver.client.errors import (
    AnswerError,
    NotFound,
    TooManyRequests,
    Unavailable,
    UnexpectedAnswer,
)
from receiver.client.exchange import Answer, Call, judge, parse, read_as

CALL = Call("GET", "/livez", read_as(Liveness))


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body)


def test_an_answer_is_read() -> None:
    assert judge(CALL, answer(200, b'{"status": "alive"}')) == Liveness(status="alive")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"status": 1}', b"[" * 100_000])
def test_an_answer_of_another_program_is_told_from_that_of_the_service(body: bytes) -> None:
    with pytest.raises(UnexpectedAnswer, match="GET /livez was not answered by this service"):
        judge(CALL, answer(200, body))


def test_an_error_has_code_message_correlator_and_when_to_come_back() -> None:
    body = b'{"status": 429, "code": "TOO_MANY_REQUESTS", "message": "Later"}'
    with pytest.raises(TooManyRequests) as raised:
        judge(CALL, answer(429, body, x_correlator="c-1", retry_after="7"))
    error = raised.value
    assert (error.code, error.message, error.status) == ("TOO_MANY_REQUESTS", "Later", 429)
    assert (error.correlator, error.retry_after) == ("c-1", 7.0)


def test_a_service_that_is_not_ready_says_why() -> None:
    body = b'{"status": 503, "code": "UNAVAILABLE", "message": "no", "reasons": ["database"]}'
    with pytest.raises(Unavailable) as raised:
        judge(CALL, answer(503, body, retry_after="soon"))
    assert (raised.value.reasons, raised.value.retry_after) == (("database",), None)


@pytest.mark.parametrize("status", [301, 401, 404, 500])
def test_a_refusal_without_a_code_is_not_that_of_the_service(status: int) -> None:
    with pytest.raises(UnexpectedAnswer) as raised:
        judge(CALL, answer(status, b"<html>no</html>"))
    assert raised.value.status == status


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_that_reaches_no_service_is_an_outage(status: int) -> None:
    with pytest.raises(Unavailable) as raised:
        judge(CALL, answer(status, b"<html>Bad Gateway</html>"))
    assert str(raised.value) == f"{status}: not now"


def test_a_status_of_a_newer_service_is_an_error_all_the_same() -> None:
    with pytest.raises(AnswerError) as raised:
        judge(CALL, answer(409, b'{"code": "CONFLICT", "message": "x"}'))
    assert (type(raised.value), raised.value.code) == (AnswerError, "CONFLICT")


def test_a_message_is_printable_and_short() -> None:
    body = b'{"code": "NOT_FOUND", "message": "a\\u001b[31m' + b"b" * 1000 + b'"}'
    with pytest.raises(NotFound) as raised:
        judge(CALL, answer(404, body))
    assert raised.value.message.startswith("a [31mb")
    assert len(raised.value.message) == 512


def test_the_next_page_is_asked_with_the_same_filters() -> None:
    asked = Call("GET", "/events", parse_nothing, query=[("cursor", "a"), ("kind", "roaming")])
    assert asked.go_on("b").query == [("kind", "roaming"), ("cursor", "b")]
    retrieved = Call("POST", "/events/retrieve", parse_nothing, body={"limit": 1})
    assert retrieved.go_on("b").body == {"limit": 1, "cursor": "b"}


def parse_nothing(_: Answer) -> None:
    return None


def test_a_body_is_json_or_bytes_as_they_are() -> None:
    call = Call("POST", "/", parse_nothing, body={"a": "é"})
    assert call.write_body() == '{"a": "é"}'.encode()
    assert call.write_headers("t", "c") == {
        "content-type": "application/json",
        "authorization": "Bearer t",
        "x-correlator": "c",
    }
    raw = Call("POST", "/", parse_nothing, body=b"x", headers={"content-type": "text/plain"})
    assert (raw.write_body(), raw.write_headers(None, None)) == (
        b"x",
        {"content-type": "text/plain"},
    )


def test_what_is_no_json_is_said_without_its_content() -> None:
    with pytest.raises(ValueError, match=r"^not JSON$"):
        parse(b'{"phoneNumber": "+99999991000"')
