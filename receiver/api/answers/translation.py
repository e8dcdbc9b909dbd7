"""From our own errors to HTTP: one table, without a framework."""

import json
import math
import traceback
from collections.abc import Mapping
from http import HTTPStatus

import structlog

from receiver.api.answers.exchange import Answer
from receiver.errors import (
    BodyTooLarge,
    BodyTooSlow,
    CodingUnsupported,
    EventNotFound,
    HeadTooLarge,
    HeadTooSlow,
    IdentifierAmbiguous,
    IdentifierMissing,
    IdentifierNotFound,
    InvalidArgument,
    MediaTypeUnsupported,
    NotHttp,
    NotificationRefused,
    PermissionDenied,
    ReceiverError,
    RefusalNotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from receiver.ids import new_id
from receiver.intake import codings

RETRY_AFTER_SECONDS = 5

# Of a message, in characters (CAMARA_common.yaml, Commonalities r4.2).
MESSAGE_LENGTH = 512

ANSWERS: Mapping[type[ReceiverError], tuple[HTTPStatus, str, Mapping[str, str]]] = {
    NotificationRefused: (HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", {}),
    InvalidArgument: (HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", {}),
    NotHttp: (HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", {}),
    Unauthenticated: (
        HTTPStatus.UNAUTHORIZED,
        "UNAUTHENTICATED",
        {"WWW-Authenticate": "Bearer"},
    ),
    PermissionDenied: (HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", {}),
    EventNotFound: (HTTPStatus.NOT_FOUND, "NOT_FOUND", {}),
    RefusalNotFound: (HTTPStatus.NOT_FOUND, "NOT_FOUND", {}),
    IdentifierNotFound: (HTTPStatus.NOT_FOUND, "IDENTIFIER_NOT_FOUND", {}),
    HeadTooSlow: (HTTPStatus.REQUEST_TIMEOUT, "REQUEST_TIMEOUT", {}),
    HeadTooLarge: (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "REQUEST_HEADER_FIELDS_TOO_LARGE",
        {},
    ),
    BodyTooSlow: (HTTPStatus.REQUEST_TIMEOUT, "REQUEST_TIMEOUT", {}),
    BodyTooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "PAYLOAD_TOO_LARGE", {}),
    MediaTypeUnsupported: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", {}),
    # RFC 9110, section 15.5.16.
    CodingUnsupported: (
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        {"Accept-Encoding": codings.ACCEPTED},
    ),
    IdentifierAmbiguous: (HTTPStatus.UNPROCESSABLE_ENTITY, "SERVICE_NOT_APPLICABLE", {}),
    IdentifierMissing: (HTTPStatus.UNPROCESSABLE_ENTITY, "MISSING_IDENTIFIER", {}),
    TooManyRequests: (HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", {}),
    Unavailable: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "UNAVAILABLE",
        {"Retry-After": str(RETRY_AFTER_SECONDS)},
    ),
}


def translate(error: ReceiverError) -> tuple[HTTPStatus, str, Mapping[str, str]]:
    """Returns status, code and headers of the answer to one of our own errors."""
    for kind in type(error).__mro__:
        if kind in ANSWERS:
            status, code, headers = ANSWERS[kind]
            if isinstance(error, TooManyRequests):
                headers = {"Retry-After": str(math.ceil(error.wait_seconds))}
            return status, code, headers
    raise error


def compose_answer(
    status: int, code: str, message: str, headers: Mapping[str, str], reason: str
) -> Answer:
    """Returns an `ErrorInfo` as a whole answer."""
    info = {"status": int(status), "code": code, "message": message[:MESSAGE_LENGTH]}
    body = json.dumps(info, ensure_ascii=False, separators=(",", ":")).encode()
    lines = {**headers, "Content-Length": str(len(body)), "Content-Type": "application/json"}
    raw = tuple((name.lower().encode(), value.encode()) for name, value in lines.items())
    return Answer(int(status), reason, raw, body)


def answer_error(error: BaseException) -> Answer:
    """Returns the answer to an error of ours, or to one that nobody foresaw.

    An unforeseen error is logged by its type and its frames: its text may hold content.
    """
    if isinstance(error, ReceiverError):
        status, code, headers = translate(error)
        return compose_answer(status, code, str(error), headers, error.word)
    frames = "".join(traceback.format_tb(error.__traceback__))
    log = structlog.get_logger(__name__)
    log.error("unexpected error", error=type(error).__name__, frames=frames)
    return compose_answer(500, "INTERNAL", "An unexpected error; it was logged", {}, "internal")


def write_answer(error: ReceiverError) -> tuple[int, bytes]:
    """Returns the status, and the whole answer that ends a connection, as bytes of HTTP/1.1."""
    answer = answer_error(error)
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}".encode(),
        *(b"%b: %b" % header for header in answer.headers),
        b"x-correlator: " + new_id().encode(),
        b"connection: close",
    ]
    return answer.status, b"\r\n".join([*lines, b"", answer.body])
