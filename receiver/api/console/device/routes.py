"""The screens of a device: the search, the device, and one of its events."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from receiver.api.console.asking import Asking, Refused
from receiver.api.console.device.history import list_members, make_row
from receiver.api.console.device.page import LEGEND, NAMES_MAX, TABLE_MAX, view_device
from receiver.api.console.device.payload import break_lines, cut_payload
from receiver.api.console.device.reading import read_device
from receiver.api.console.device.search import list_candidates, read_identifier
from receiver.api.console.device.timeline.drawing import tell
from receiver.api.console.device.timeline.window import Span, Window, choose_span, query_around
from receiver.api.console.entrance import Entrance
from receiver.api.console.forms import read_form
from receiver.api.console.rendering import redirect, render
from receiver.api.console.screens import page_router
from receiver.api.console.values import say_length

# Of questions: what a page says in its own words, and what is an error as any other.
NOT_FOUND, AMBIGUOUS = 404, 422


def device_screen(entrance: Entrance, clock: Callable[[], datetime]) -> APIRouter:
    """Makes the routes."""
    router = page_router(entrance.admit)

    @router.post("/devices")
    async def find(request: Request) -> Response:
        identifier = read_identifier((await read_form(request)).get("identifier", ""))
        if isinstance(identifier, UUID):
            return redirect(request, f"devices/{identifier}")
        asking: Asking = request.state.asking
        try:
            found = await asking.post("/devices/retrieve", {"device": identifier})
        except Refused as refused:
            return await _say_not_found(request, identifier, refused)
        return redirect(request, f"devices/{found['deviceId']}")

    async def _say_not_found(
        request: Request, identifier: dict[str, Any], refused: Refused
    ) -> Response:
        if refused.status not in {400, NOT_FOUND, AMBIGUOUS}:
            raise refused
        candidates = []
        if refused.status == AMBIGUOUS:
            asking: Asking = request.state.asking
            page = await asking.post("/events/retrieve", {"device": identifier, "limit": 100})
            candidates = list_candidates(page["items"])
        values = {"sentence": refused.message, "candidates": candidates}
        return render(request, "device_search.html", values, status=refused.status)

    @router.get("/devices/{device_id}")
    async def show(
        request: Request,
        device_id: UUID,
        span: Span | None = None,
        to: AwareDatetime | None = None,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        asking: Asking = request.state.asking
        now = clock()
        device = await asking.get(f"/devices/{device_id}")
        window = Window.choose(span or choose_span(device, now), to, now)
        answers = await read_device(asking, device, window, cursor)
        values = {
            "view": view_device(answers, window),
            "tell": tell,
            "length": say_length,
            "names_max": NAMES_MAX,
            "table_max": TABLE_MAX,
            "legend": LEGEND,
            "cursor": cursor,
        }
        return render(request, "device.html", values)

    @router.get("/events/{event_id}")
    async def show_event(request: Request, event_id: str) -> Response:
        asking: Asking = request.state.asking
        text = await asking.read(f"/events/{event_id}")
        event, raw = orjson.loads(text), cut_payload(text)
        values = {
            "row": make_row(event),
            "day": query_around(event["occurredAt"]),
            "members": list_members(event),
            "raw": raw,
            "pretty": break_lines(raw),
        }
        return render(request, "device_event.html", values)

    return router
