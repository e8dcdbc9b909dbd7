"""The route of the live stream."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from pydantic import Field

from receiver.api.access.guard import READER, Guard
from receiver.api.answers.errors import documented
from receiver.api.paging import Text
from receiver.api.questions.filters import EventConditions
from receiver.api.questions.stream.blocks import read_place
from receiver.api.questions.stream.description import STREAM
from receiver.api.questions.stream.listener import Listener
from receiver.api.questions.stream.live import Live
from receiver.api.questions.stream.response import Noting, StreamResponse
from receiver.api.questions.stream.resuming import Resumption
from receiver.errors import (
    InvalidArgument,
    PermissionDenied,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from receiver.log import audit
from receiver.store.credentials.credentials import Credential, Role

PATH = "/events/stream"


class StreamQuestion(EventConditions):
    """Asks for the events that are stored from now on, or since a place."""

    last_event_id: Text | None = Field(
        default=None,
        description="As the header `Last-Event-ID`, for callers that cannot send one; the header "
        "counts where both are sent.",
    )


def stream_router(
    *,
    guard: Guard,
    live: Live,
    noting: Noting,
    clock: Callable[[], datetime],
) -> APIRouter:
    """Makes the route that tells of events as they are stored."""
    router = guard.router("events", "questions", Role.READER)
    fan_out, places = live.fan_out, live.places
    resumption = Resumption(fan_out, live.pages)

    @router.get(
        PATH,
        operation_id="streamEvents",
        summary="Events as they are stored, live",
        status_code=200,
        response_class=StreamResponse,
        responses={200: STREAM, **documented(400)},
    )
    async def stream_events(
        request: Request,
        question: Annotated[StreamQuestion, Query()],
        last_event_id: Annotated[
            str | None,
            Header(
                alias="Last-Event-ID",
                description="The `id` of the last event that arrived: what was stored since.",
            ),
        ] = None,
    ) -> StreamResponse:
        """Server-sent events in the order of their storing, at least once. Without a last event:
        from now on. Whoever comes back with one also gets events again that were stored in the 40
        seconds before it: tell them by their `id`."""
        stored_at = _read(last_event_id or question.last_event_id)
        credential: Credential = request.state.credential
        listener = Listener(question.select())
        places.take(credential.name)
        try:
            if stored_at is None:
                await fan_out.attach(listener)
                listener.go_live()
        except BaseException:
            places.leave(credential.name)
            raise

        async def is_admitted() -> bool:
            authorization = request.headers.get("authorization")
            try:
                await guard.authenticate(authorization, READER, request.scope, clock())
            except (Unauthenticated, PermissionDenied, TooManyRequests):
                return False
            except Unavailable:
                # Not known to be bad.
                return True
            return True

        def close(reason: str, events: int) -> None:
            fan_out.detach(listener)
            places.leave(credential.name)
            call = f"GET {PATH}"
            audit("stream.end", credential=credential.name, outcome=reason, call=call, items=events)

        return StreamResponse(
            listener,
            find_place=lambda: fan_out.at,
            is_admitted=is_admitted,
            noting=noting,
            close=close,
            catching_up=None if stored_at is None else resumption.resume(listener, stored_at),
        )

    return router


def _read(last_event_id: str | None) -> datetime | None:
    if not last_event_id:
        return None
    try:
        return read_place(last_event_id)
    except ValueError:
        raise InvalidArgument("lastEventId: not the id of an event") from None
