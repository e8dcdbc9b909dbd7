"""The sink: `POST /notifications`, answered 204 once what arrived is durable."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from fastapi import APIRouter, Depends, Request, Response

from receiver.api import content
from receiver.api.errors import documented, error_response
from receiver.api.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.api.intake import Intake
from receiver.api.security import BEARER, SINK, Clock, Guard
from receiver.errors import BodyTooLarge, MediaTypeUnsupported, NotificationRefused, ReceiverError
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
    members_limit: int,
) -> APIRouter:
    """The sink's route.

    Args:
        keep_refused: returns once the refused bytes are durable.
        clock: aware UTC; the only clock in a notification's way.
        body_limit_bytes: counted as received.
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
        responses=documented(400, 401, 403, 413, 415, 503),
        openapi_extra={"requestBody": REQUEST_BODY},
    )
    async def receive(request: Request) -> Response:
        """Takes device status notifications: a CloudEvent in structured or binary mode, a
        CloudEvents batch, or the older `event`/`eventDetail` form. Answers 204 once all of it is
        durable; the same again is 204 as well and adds nothing but a delivery. Of a batch with a
        member that is refused the others are stored, and the 400 names the index; sending the
        batch again is harmless."""
        received_at = clock()
        credential = (await guard.admit(request.headers.get("authorization"), SINK)).name
        metrics.arrived(credential, received_at)
        body = await _bounded_body(request, body_limit_bytes)
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
            outcomes = await intake.store(members, credential, received_at)
            refused = [(index, error) for index, error in enumerate(outcomes) if error is not None]
            if not refused:
                return Response(status_code=204)
            refusals = [Refusal(str(error), members[index].body) for index, error in refused]
            answer = _named(refused) if is_batch else refused[0][1]
        await keep_refused(
            refusals,
            credential=credential,
            received_at=received_at,
            headers=_kept_headers(headers),
        )
        metrics.quarantined(credential, len(refusals))
        log.warning(
            "notification refused", credential=credential, reason=str(answer)[:REASON_LENGTH]
        )
        return error_response(answer)

    return router


def _named(refused: list[tuple[int, NotificationRefused]]) -> NotificationRefused:
    """One refusal for a batch: which members, and each one's reason as far as there is room."""
    indices = ", ".join(_ranges([index for index, _ in refused]))
    reasons = "; ".join(f"[{index}] {error}" for index, error in refused)
    return NotificationRefused(f"members {indices} of the batch were refused: {reasons}")


def _ranges(indices: list[int]) -> list[str]:
    """Ascending indices, neighbours drawn together: `0-3`, `7`."""
    runs: list[tuple[int, int]] = []
    for index in indices:
        first, last = runs[-1] if runs else (index, index - 2)
        if index == last + 1:
            runs[-1] = (first, index)
        else:
            runs.append((index, index))
    return [str(first) if first == last else f"{first}-{last}" for first, last in runs]


def _kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in SECRET_HEADERS}


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
