"""The sink: `POST /notifications`, answered 204 once what arrived is durable."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from fastapi import APIRouter, Depends, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from receiver.api import content
from receiver.api.answers import OK
from receiver.api.correlator import HEADER, correlate
from receiver.api.errors import (
    ErrorResponse,
    documented,
    response_to,
    response_to_unforeseen,
)
from receiver.api.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.api.intake import Intake, named_refusal
from receiver.api.security import BEARER, SINK, Clock, Guard
from receiver.errors import (
    BodyTooLarge,
    MediaTypeUnsupported,
    NotificationRefused,
    ReceiverError,
)
from receiver.metrics import Metrics
from receiver.store.quarantine import Refusal

PATH = "/notifications"
CALL = "notifications"
REASON_LENGTH = 512
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


class KeepRefused(Protocol):
    """Keeps refused bodies durably; see `receiver.store.quarantine.Quarantine.keep`."""

    async def __call__(
        self,
        refusals: Sequence[Refusal],
        *,
        credential: str,
        received_at: datetime,
        headers: Mapping[str, str],
    ) -> None: ...


class Sink:
    """The bare ASGI application behind `POST /notifications`.

    Args:
        keep_refused: returns once the refused bytes are durable.
        clock: aware UTC; the only clock in a notification's way.
        body_limit_bytes: counted as received.
        members_limit: notifications in one CloudEvents batch.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        intake: Intake,
        keep_refused: KeepRefused,
        metrics: Metrics,
        clock: Clock,
        body_limit_bytes: int,
        members_limit: int,
    ) -> None:
        self._guard = guard
        self._intake = intake
        self._keep_refused = keep_refused
        self._metrics = metrics
        self._clock = clock
        self._body_limit_bytes = body_limit_bytes
        self._members_limit = members_limit
        self._log = structlog.get_logger(__name__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Of a repeated one the first.
        sent: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        correlator = correlate(sent.get(HEADER, b""))
        answer: ErrorResponse | None = None
        try:
            refused = await self._store(sent, scope, receive)
            if refused is not None:
                answer = response_to(refused)
        except (ReceiverError, ClientDisconnect) as error:
            answer = response_to(error)
        except Exception as error:  # the caller is owed an answer
            answer = response_to_unforeseen(error)
        if answer is None:
            self._metrics.answered(CALL, 204, OK)
            start = {"type": "http.response.start", "status": 204}
            await send({**start, "headers": [(HEADER, correlator)]})
            await send({"type": "http.response.body"})
        else:
            self._metrics.answered(CALL, answer.status_code, answer.reason)
            answer.raw_headers.append((HEADER, correlator))
            await answer(scope, receive, send)

    async def _store(
        self, sent: Mapping[bytes, bytes], scope: Scope, receive: Receive
    ) -> ReceiverError | None:
        """Returns once all that can be understood is durable, with the answer for the rest."""
        received_at = self._clock()
        token = sent.get(b"authorization")
        authorization = None if token is None else token.decode("latin-1")
        credential = self._guard.known(authorization, SINK, received_at)
        if credential is None:
            credential = await self._guard.admit(authorization, SINK, scope)
        self._metrics.arrived(credential.name, received_at)
        body = await self._body(sent.get(b"content-length", b""), receive)
        headers = content.SentHeaders(sent)
        is_batch = False
        try:
            mode = content.mode(headers)
            is_batch = mode is content.Mode.BATCH
            # Before it is taken apart: those who try again at once must not keep commits waiting.
            self._intake.require_room(self._members_limit if is_batch else 1)
            members = content.members(mode, headers, body)
        except (NotificationRefused, MediaTypeUnsupported) as error:
            answer: ReceiverError = error.alone()
            refusals = [Refusal(str(error), body)]
        else:
            if len(members) > self._members_limit:
                raise BodyTooLarge(f"The batch has more than {self._members_limit} members")
            outcomes = await self._intake.store(
                members, credential.name, received_at, may_send=credential.may_send
            )
            refused = named_refusal(outcomes, is_batch=is_batch)
            if refused is None:
                return None
            answer = refused
            refusals = [
                Refusal(str(error), member.body, is_member=is_batch)
                for member, error in zip(members, outcomes, strict=True)
                # What the credential may not send is not kept: another try would let it in.
                if isinstance(error, NotificationRefused)
            ]
        if refusals:
            await self._keep_refused(
                refusals,
                credential=credential.name,
                received_at=received_at,
                headers=_kept_headers(headers),
            )
            self._metrics.quarantined(credential.name, len(refusals))
        self._log.warning(
            "notification refused", credential=credential.name, reason=str(answer)[:REASON_LENGTH]
        )
        return answer

    async def _body(self, declared: bytes, receive: Receive) -> bytes:
        """The whole body; stops reading as soon as it is known to be too large."""
        if declared.isdigit() and int(declared) > self._body_limit_bytes:
            raise self._too_large()
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk: bytes = message["body"]
            body += chunk
            if len(body) > self._body_limit_bytes:
                raise self._too_large()
            if not message["more_body"]:
                return body

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"The body is larger than {self._body_limit_bytes} bytes")


def notifications_router() -> APIRouter:
    """The route that describes the sink; `Application` answers ahead of it."""
    router = APIRouter(tags=["sink"])

    @router.post(
        PATH,
        status_code=204,
        response_class=Response,
        dependencies=[Depends(BEARER)],
        summary="Receive notifications",
        responses=documented(400, 401, 403, 408, 413, 415, 429, 503),
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def receive() -> Response:
        """Takes device status notifications: a CloudEvent in structured or binary mode, a
        CloudEvents batch, or the older `event`/`eventDetail` form. Answers 204 once all of it is
        durable; the same again is 204 as well and adds nothing but a delivery. Of a batch with a
        member that is refused the others are stored, and the 400 names the index; sending the
        batch again is harmless."""
        raise RuntimeError("the sink stands ahead of the routes")

    return router


def _kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in SECRET_HEADERS}


_SINGLE = {
    "schema": {"type": "object"},
    "examples": {
        "cloudevent": {"summary": "A CloudEvent", "value": NOTIFICATION},
        "legacy": {"summary": "The older form", "value": LEGACY_NOTIFICATION},
    },
}
_BATCH = {
    "schema": {"type": "array", "items": {"type": "object"}},
    "examples": {"batch": {"summary": "A batch", "value": [NOTIFICATION]}},
}
REQUEST_BODY = {
    "required": True,
    "content": {
        content.STRUCTURED: _SINGLE,
        content.JSON: _SINGLE,
        content.BATCH: _BATCH,
    },
}
