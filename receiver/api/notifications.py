"""The sink: `POST /notifications`, answered 204 once the notification is durable."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, Depends, Request, Response

from receiver.api.errors import documented, error_response
from receiver.api.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.api.security import BEARER, SINK, Clock, Guard
from receiver.errors import (
    BodyTooLarge,
    ContentRejected,
    MediaTypeUnsupported,
    NotificationRefused,
    ReceiverError,
)
from receiver.events import device, envelope, registry
from receiver.events.event import Arrival

MEDIA_TYPES = frozenset({"application/cloudevents+json", "application/json"})
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})

Submit = Callable[[Arrival], Awaitable[None]]


class KeepRefused(Protocol):
    """Keeps a refused body durably; see `receiver.store.quarantine.Quarantine.keep`."""

    async def __call__(
        self,
        *,
        received_at: datetime,
        credential: str,
        reason: str,
        headers: dict[str, str],
        body: bytes,
    ) -> None: ...


def notifications_router(
    *,
    guard: Guard,
    submit: Submit,
    keep_refused: KeepRefused,
    namespace: Callable[[], UUID],
    clock: Clock,
    body_limit_bytes: int,
) -> APIRouter:
    """The sink's route.

    Args:
        submit: returns once the arrival is durable.
        keep_refused: returns once the refused bytes are.
        namespace: the installation's, from which device ids are made.
        clock: aware UTC; the only clock in a notification's way.
        body_limit_bytes: counted as received.
    """
    router = APIRouter(tags=["sink"])
    log = structlog.get_logger(__name__)

    @router.post(
        "/notifications",
        status_code=204,
        response_class=Response,
        dependencies=[Depends(BEARER)],
        summary="Receive a notification",
        responses=documented(400, 401, 403, 413, 415, 503),
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def receive(request: Request) -> Response:
        """Takes one device status notification, as a CloudEvent (structured mode) or in the
        older `event`/`eventDetail` form, and answers 204 once it is durable. The same
        notification again is 204 as well and adds nothing but a delivery."""
        received_at = clock()
        credential = (await guard.admit(request.headers.get("authorization"), SINK)).name
        body = await _bounded_body(request, body_limit_bytes)
        try:
            _require_media_type(request)
            event = registry.understand(envelope.read(body), received_at)
            device_id = device.identify(
                namespace(),
                event.device,
                credential=credential,
                subscription_id=event.subscription_id,
                source=event.source,
            )
            await submit(Arrival(uuid4(), device_id, credential, received_at, event))
        except (NotificationRefused, ContentRejected, MediaTypeUnsupported) as error:
            refusal = _as_told(error)
            await keep_refused(
                received_at=received_at,
                credential=credential,
                reason=str(refusal),
                headers={
                    name: value
                    for name, value in request.headers.items()
                    if name not in SECRET_HEADERS
                },
                body=body,
            )
            log.warning("notification refused", credential=credential, reason=str(refusal))
            return error_response(refusal)
        return Response(status_code=204)

    return router


def _as_told(error: ReceiverError) -> ReceiverError:
    if isinstance(error, ContentRejected):
        return NotificationRefused("holds something the database cannot store")
    return error


def _require_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise MediaTypeUnsupported(f"Content-Type must be one of {', '.join(sorted(MEDIA_TYPES))}")


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


_EXAMPLES = {
    "cloudevent": {"summary": "A CloudEvent", "value": NOTIFICATION},
    "legacy": {"summary": "The older form", "value": LEGACY_NOTIFICATION},
}
REQUEST_BODY = {
    "required": True,
    "content": {
        media_type: {"schema": {"type": "object"}, "examples": _EXAMPLES}
        for media_type in sorted(MEDIA_TYPES)
    },
}
