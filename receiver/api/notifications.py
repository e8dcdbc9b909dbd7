"""The sink: `POST /notifications`, answered 204 once what arrived is durable."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from fastapi import APIRouter, Depends, Request, Response

from receiver.api import content
from receiver.api.errors import documented, error_response
from receiver.api.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.api.intake import Intake, named_refusal
from receiver.api.security import BEARER, SINK, Clock, Guard
from receiver.errors import (
    BodyTooLarge,
    BodyTooSlow,
    MediaTypeUnsupported,
    NotificationRefused,
    ReceiverError,
)
from receiver.metrics import Metrics
from receiver.store.quarantine import Refusal

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


def notifications_router(
    *,
    guard: Guard,
    intake: Intake,
    keep_refused: KeepRefused,
    metrics: Metrics,
    clock: Clock,
    body_limit_bytes: int,
    body_timeout_seconds: float,
    members_limit: int,
) -> APIRouter:
    """The sink's route.

    Args:
        keep_refused: returns once the refused bytes are durable.
        clock: aware UTC; the only clock in a notification's way.
        body_limit_bytes: counted as received.
        body_timeout_seconds: from the end of the headers to the last byte.
        members_limit: notifications in one CloudEvents batch.
    """
    router = APIRouter(tags=["sink"])
    log = structlog.get_logger(__name__)

    @router.post(
        "/notifications",
        status_code=204,
        response_class=Response,
        dependencies=[Depends(BEARER)],
        summary="Receive notifications",
        responses=documented(400, 401, 403, 408, 413, 415, 429, 503),
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def receive(request: Request) -> Response:
        """Takes device status notifications: a CloudEvent in structured or binary mode, a
        CloudEvents batch, or the older `event`/`eventDetail` form. Answers 204 once all of it is
        durable; the same again is 204 as well and adds nothing but a delivery. Of a batch with a
        member that is refused the others are stored, and the 400 names the index; sending the
        batch again is harmless."""
        received_at = clock()
        authorization = request.headers.get("authorization")
        credential = await guard.admit(authorization, SINK, request.scope)
        metrics.arrived(credential.name, received_at)
        body = await _body_in_time(request, body_limit_bytes, body_timeout_seconds)
        headers = request.headers
        is_batch = False
        try:
            mode = content.mode(headers)
            is_batch = mode is content.Mode.BATCH
            members = content.members(mode, headers, body)
        except (NotificationRefused, MediaTypeUnsupported) as error:
            answer: ReceiverError = error
            refusals = [Refusal(str(error), body)]
        else:
            if len(members) > members_limit:
                raise BodyTooLarge(f"The batch has more than {members_limit} members")
            outcomes = await intake.store(
                members, credential.name, received_at, may_send=credential.may_send
            )
            refused = named_refusal(outcomes, is_batch=is_batch)
            if refused is None:
                return Response(status_code=204)
            answer = refused
            refusals = [
                Refusal(str(error), member.body, is_member=is_batch)
                for member, error in zip(members, outcomes, strict=True)
                # What the credential may not send is not kept: another try would let it in.
                if isinstance(error, NotificationRefused)
            ]
        if refusals:
            await keep_refused(
                refusals,
                credential=credential.name,
                received_at=received_at,
                headers=_kept_headers(headers),
            )
            metrics.quarantined(credential.name, len(refusals))
        log.warning(
            "notification refused", credential=credential.name, reason=str(answer)[:REASON_LENGTH]
        )
        return error_response(answer)

    return router


def _kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in SECRET_HEADERS}


async def _body_in_time(request: Request, limit_bytes: int, timeout_seconds: float) -> bytes:
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _bounded_body(request, limit_bytes)
    except TimeoutError:
        raise BodyTooSlow(f"The body took more than {timeout_seconds:g} seconds") from None


async def _bounded_body(request: Request, limit_bytes: int) -> bytes:
    """The whole body; stops reading as soon as it is known to be too large."""
    too_large = BodyTooLarge(f"The body is larger than {limit_bytes} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit_bytes:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit_bytes:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


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
