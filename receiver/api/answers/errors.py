"""Every error as CAMARA's `ErrorInfo`: its shape, and the handlers that answer with it."""

import asyncio
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from receiver.api.answers.counting import REASON
from receiver.api.answers.exchange import Answer
from receiver.api.answers.faults import describe_faults
from receiver.api.answers.translation import MESSAGE_LENGTH, answer_error, compose_answer
from receiver.errors import InvalidArgument, ReceiverError, Stopping


class ErrorInfo(BaseModel):
    """CAMARA's error body (Commonalities r4.2, CAMARA_common.yaml)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": 401,
                "code": "UNAUTHENTICATED",
                "message": "The bearer token is not known",
            }
        }
    )

    status: int = Field(description="The HTTP status again.")
    code: str = Field(description="The machine's word for it.", max_length=96)
    message: str = Field(
        description="The human's sentence; names a field, never its value.",
        max_length=MESSAGE_LENGTH,
    )


METHOD_NOT_ALLOWED = "The path does not take this method"
# What the framework refuses, by status: its code and its sentence.
_REFUSED = {
    400: ("INVALID_ARGUMENT", "body: not JSON in UTF-8"),
    404: ("NOT_FOUND", "Nothing is served at this path"),
    405: ("METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED),
}


class DocumentedError(NamedTuple):
    """One status, as the OpenAPI tells of it.

    Attributes:
        when: a sentence.
        code: of the example.
        message: of the example.
    """

    when: str
    code: str
    message: str


DOCUMENTED = {
    400: DocumentedError(
        "The request is certainly wrong; the message names the field.",
        "INVALID_ARGUMENT",
        "limit: must be 1 or more",
    ),
    401: DocumentedError(
        "The token is missing, unknown, expired or revoked.",
        "UNAUTHENTICATED",
        "The bearer token is not known",
    ),
    403: DocumentedError(
        "The credential's role does not allow the call.",
        "PERMISSION_DENIED",
        "A credential of the role sink may not do this",
    ),
    404: DocumentedError(
        "Nothing has this id, or no event ever carried this identifier.",
        "IDENTIFIER_NOT_FOUND",
        "No event ever carried this identifier",
    ),
    405: DocumentedError(
        "The path does not take this method.", "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED
    ),
    408: DocumentedError(
        "The body did not arrive in time.", "REQUEST_TIMEOUT", "The body took too long"
    ),
    413: DocumentedError(
        "The body is over the limit.",
        "PAYLOAD_TOO_LARGE",
        "The body is larger than 262144 bytes",
    ),
    415: DocumentedError(
        "The media type is not JSON, or the content coding is none of gzip, deflate and identity.",
        "UNSUPPORTED_MEDIA_TYPE",
        "The media type is not JSON",
    ),
    422: DocumentedError(
        "The identifier stands for several devices; ask with a stronger one.",
        "SERVICE_NOT_APPLICABLE",
        "This identifier was reported with several devices",
    ),
    429: DocumentedError(
        "More requests than the credential may send, or more questions than it may ask at a time, "
        "or too many wrong tokens from this address; `Retry-After` says when to try again.",
        "TOO_MANY_REQUESTS",
        "More than 100 requests a second",
    ),
    503: DocumentedError(
        "Not done, and not the caller's fault: try again.",
        "UNAVAILABLE",
        "the database cannot be asked",
    ),
}


class ErrorResponse(Response):
    """An answer of the framework's that leaves its reason, a word of a closed set, in the scope."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body, answer.status)
        self.raw_headers = list(answer.headers)
        self._reason = answer.reason

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[REASON] = self._reason
        await super().__call__(scope, receive, send)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these error statuses; `default` also keeps FastAPI's own 422 out."""
    named: dict[int | str, dict[str, Any]] = {
        status: _document(status, DOCUMENTED[status]) for status in statuses
    }
    return named | {"default": {"description": "Any other error.", "content": _describe()}}


def describe_example(status: int, code: str, message: str) -> dict[str, Any]:
    """The content of a documented error status, with its example."""
    return _describe(example={"status": status, "code": code, "message": message})


def describe_error_info() -> dict[str, Any]:
    """The component of the OpenAPI that every documented error refers to, by its name."""
    return {ErrorInfo.__name__: ErrorInfo.model_json_schema(mode="serialization")}


def _document(status: int, error: DocumentedError) -> dict[str, Any]:
    content = describe_example(status, error.code, error.message)
    return {"description": error.when, "content": content}


def _describe(**example: dict[str, Any]) -> dict[str, Any]:
    # As `model` of a response, FastAPI would make a serializer of it for each status of each
    # route, 346 of its 457, and never use one.
    reference = {"$ref": f"#/components/schemas/{ErrorInfo.__name__}"}
    return {"application/json": {"schema": reference, **example}}


def install_error_handlers(app: FastAPI) -> None:
    """Makes every error answer an `ErrorInfo`, the framework's own included."""
    for kind in (ReceiverError, HTTPException, RequestValidationError, ClientDisconnect):
        app.add_exception_handler(kind, lambda _request, error: ErrorResponse(answer_to(error)))


def answer_to(error: BaseException) -> Answer:
    """Returns the answer to any error, those of the framework included."""
    match error:
        case RequestValidationError():
            return answer_error(InvalidArgument(describe_faults(error.errors())))
        case HTTPException(status_code=number):
            phrase = HTTPStatus(number).phrase
            usual = (phrase.upper().replace(" ", "_"), phrase)
            code, sentence = _REFUSED.get(number, usual)
            reason = code.lower().replace("_", "-")
            return compose_answer(number, code, sentence, error.headers or {}, reason)
        case ClientDisconnect():
            # The caller hung up before its body was complete: nobody reads this answer.
            return compose_answer(400, "INVALID_ARGUMENT", "The caller hung up", {}, "hung-up")
        case asyncio.CancelledError():
            # The time for open requests is over at a stop; nothing else cancels one.
            return answer_error(Stopping("The service is stopping"))
        case _:
            return answer_error(error)


class LastResort:
    """ASGI middleware: an unforeseen error is a 500 `ErrorInfo`, a request cut off a 503."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except (Exception, asyncio.CancelledError) as error:  # the caller is owed an answer
            if scope["type"] != "http":
                raise
            answer = ErrorResponse(answer_to(error))
            if not started:
                await answer(scope, receive, send)
