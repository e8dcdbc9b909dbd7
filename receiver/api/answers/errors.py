"""Every error as CAMARA's `ErrorInfo`: its shape, and the handlers that answer with it."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from receiver.api.answers.counting import REASON
from receiver.api.answers.exchange import Answer
from receiver.api.answers.translation import answer_error, compose_answer
from receiver.errors import InvalidArgument, ReceiverError


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
        description="The human's sentence; names a field, never its value.", max_length=512
    )


_WORD = re.compile(r"[A-Za-z]{1,40}")
_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 406: "NOT_ACCEPTABLE"}
_DESCRIPTIONS = {
    400: "The request is certainly wrong; the message names the field.",
    401: "The token is missing, unknown, expired or revoked.",
    403: "The credential's role does not allow the call.",
    404: "Nothing has this id, or no event ever carried this identifier.",
    408: "The body did not arrive in time.",
    413: "The body is over the limit.",
    415: "The media type is not JSON, or the content coding is none of gzip, deflate and identity.",
    422: "The identifier stands for several devices; ask with a stronger one.",
    429: "More requests than the credential may send, or more questions than it may ask at a time, "
    "or too many wrong tokens from this address; "
    "`Retry-After` says when to try again.",
    503: "Not done, and not the caller's fault: try again.",
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
        status: {"model": ErrorInfo, "description": _DESCRIPTIONS[status]} for status in statuses
    }
    return named | {"default": {"model": ErrorInfo, "description": "Any other error."}}


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
            code = _CODES.get(number, phrase.upper().replace(" ", "_"))
            reason = code.lower().replace("_", "-")
            return compose_answer(number, code, phrase, error.headers or {}, reason)
        case ClientDisconnect():
            # The caller hung up before its body was complete: nobody reads this answer.
            return compose_answer(400, "INVALID_ARGUMENT", "The caller hung up", {}, "hung-up")
        case _:
            return answer_error(error)


class LastResort:
    """ASGI middleware: an unforeseen error is a 500 `ErrorInfo`."""

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
        except Exception as error:  # the caller is owed an answer
            if scope["type"] != "http":
                raise
            answer = ErrorResponse(answer_to(error))
            if not started:
                await answer(scope, receive, send)


def describe_faults(faults: Sequence[Mapping[str, Any]]) -> str:
    """Where and what, from pydantic's faults, without what was sent."""
    return "; ".join(f"{_place(fault)}: {_fault(fault)}" for fault in faults[:5])


def _place(fault: Mapping[str, Any]) -> str:
    parts = [str(part) for part in fault["loc"] if part not in {"body", "query", "path"}]
    if fault["type"] == "extra_forbidden" and not _WORD.fullmatch(parts[-1]):
        # A name of the caller's own, and perhaps a phone number or a token in the wrong place.
        parts[-1] = "…"
    return ".".join(part if part.isascii() and len(part) <= 40 else "…" for part in parts) or "body"


def _fault(fault: Mapping[str, Any]) -> str:
    kind = str(fault["type"])
    if kind.startswith("uuid"):
        return "must be a UUID"
    if kind.startswith(("datetime", "timezone")):
        return "must be an RFC 3339 time with a time zone (in a query, + is written %2B)"
    if kind == "json_invalid":
        return "not JSON"
    if kind == "extra_forbidden":
        return "unknown"
    return str(fault["msg"])
