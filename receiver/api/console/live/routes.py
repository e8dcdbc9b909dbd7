"""The screen of live events, and the stream behind it."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from receiver.api.console.asking import Asking
from receiver.api.console.entrance import Entrance
from receiver.api.console.live.rows import SHOWN, Rows
from receiver.api.console.rendering import environment, linking, render
from receiver.api.console.screens import page_router
from receiver.api.console.values import name_device, say_event

# Events that the page begins with.
BEGINNING = 50

# In `live_row.html`.
MACRO = "row"

# Fields of the form, which are filters of the stream.
FILTERS = ("kind", "name", "credential", "source", "subscriptionId", "finding")


def live_screen(entrance: Entrance) -> APIRouter:
    """Makes the routes."""
    router = page_router(entrance.admit)

    @router.get("/live")
    async def show(request: Request) -> Response:
        asking: Asking = request.state.asking
        filters = read_filters(request)
        page = await asking.get("/events", {**filters, "limit": BEGINNING})
        values = {
            "screen": "live",
            "filters": filters,
            "events": page["items"],
            "shown": SHOWN,
            "say_event": say_event,
            "name_device": name_device,
        }
        return render(request, "live.html", values)

    @router.get("/live/events")
    async def stream(request: Request, since: str | None = None) -> Response:
        asking: Asking = request.state.asking
        write = getattr(environment().get_template("live_row.html").module, MACRO)
        # The page lies one folder higher than its stream.
        link = linking(request)

        def write_row(event: Mapping[str, Any]) -> str:
            row: str = write(
                event, lambda place: link(place).removeprefix("../"), say_event, name_device
            )
            return row

        rows = Rows(write_row)
        filters = {**read_filters(request), "lastEventId": since or None}
        return asking.forward("/events/stream", filters, rows.rewrite)

    return router


def read_filters(request: Request) -> Mapping[str, str]:
    """Returns the filters that are filled in."""
    found = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    return {name: value for name, value in found.items() if value}
