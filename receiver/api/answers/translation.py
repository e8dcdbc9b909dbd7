"""From our own errors to HTTP: one table, without a framework."""

import json
import math
from collections.abc import Mapping
from http import HTTPStatus

from receiver.errors import (
    BodyTooLarge,
    BodyTooSlow,
    EventNotFound,
    HeadTooLarge,
    HeadTooSlow,
    IdentifierAmbiguous,
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

RETRY_AFTER_SECONDS = 5

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
    IdentifierAmbiguous: (HTTPStatus.UNPROCESSABLE_ENTITY, "SERVICE_NOT_APPLICABLE", {}),
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


def write_answer(error: ReceiverError) -> tuple[int, bytes]:
    """Returns the status, and the whole answer that ends a connection, as bytes of HTTP/1.1."""
    status, code, headers = translate(error)
    body = json.dumps({"status": int(status), "code": code, "message": str(error)})
    lines = [
        f"HTTP/1.1 {int(status)} {status.phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        f"x-correlator: {new_id()}",
        *(f"{name.lower()}: {value}" for name, value in {**headers, "Connection": "close"}.items()),
    ]
    return int(status), "\r\n".join([*lines, "", body]).encode()
