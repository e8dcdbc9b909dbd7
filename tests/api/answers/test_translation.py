"""From our own errors to HTTP."""

import json

import pytest

from receiver import errors
from receiver.api.answers.translation import ANSWERS, translate, write_answer
from receiver.errors import (
    AttemptsExceeded,
    CodingUnsupported,
    HeadTooLarge,
    QueueFull,
    ReceiverError,
    TokenExpired,
    Unavailable,
)

# They never reach a caller: the command line, the writer or the reception handle them.
INTERNAL = {
    "CommitRefused",
    "CommitUnknown",
    "ConfigurationError",
    "ContentRejected",
}


def test_every_error_that_can_reach_a_caller_has_an_answer() -> None:
    ours = (kind for kind in vars(errors).values() if isinstance(kind, type))
    missing = {
        kind.__name__
        for kind in ours
        if issubclass(kind, ReceiverError)
        and kind is not ReceiverError
        and not any(base in ANSWERS for base in kind.__mro__)
    }
    assert missing - {"TooManyRequests"} == INTERNAL


@pytest.mark.parametrize(
    ("error", "status", "code", "headers"),
    [
        (TokenExpired("over"), 401, "UNAUTHENTICATED", {"WWW-Authenticate": "Bearer"}),
        (
            CodingUnsupported("br"),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            {"Accept-Encoding": "gzip, deflate"},
        ),
        (QueueFull("full"), 503, "UNAVAILABLE", {"Retry-After": "5"}),
        (AttemptsExceeded("often", 1.2), 429, "TOO_MANY_REQUESTS", {"Retry-After": "2"}),
    ],
)
def test_an_error_is_answered_as_its_nearest_base(
    error: ReceiverError, status: int, code: str, headers: dict[str, str]
) -> None:
    assert translate(error) == (status, code, headers)


def test_the_wires_own_answer_is_a_whole_http_response() -> None:
    status, answer = write_answer(HeadTooLarge("The head is over the limit"))
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert (status, lines[0]) == (431, "HTTP/1.1 431 Request Header Fields Too Large")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert headers["content-length"] == str(len(body))
    assert headers["connection"] == "close"
    assert len(headers["x-correlator"]) == 32
    assert json.loads(body) == {
        "status": 431,
        "code": "REQUEST_HEADER_FIELDS_TOO_LARGE",
        "message": "The head is over the limit",
    }


def test_an_error_without_an_answer_is_raised_itself() -> None:
    with pytest.raises(errors.ConfigurationError):
        translate(errors.ConfigurationError("none"))
    assert translate(Unavailable("away"))[0] == 503
