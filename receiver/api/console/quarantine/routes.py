"""The pages of the quarantine, for admins."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from receiver.api.answers.counting import REASON
from receiver.api.console.asking import Asking, Refused, ask_together
from receiver.api.console.entrance import Entrance
from receiver.api.console.quarantine.bodies import show_body
from receiver.api.console.quarantine.views import (
    STATES,
    choose_filters,
    list_reasons,
    write_place,
)
from receiver.api.console.rendering import redirect, render
from receiver.api.console.screens import page_router
from receiver.api.console.senders.windows import choose_window
from receiver.errors import PermissionDenied

ADMIN = "admin"

# Reasons are counted in so many days.
WINDOW = "month"

# Events that one notification became; a batch is refused member by member.
EVENTS_MAX = 5


def quarantine_screen(entrance: Entrance) -> APIRouter:
    """Makes the routes."""
    router = page_router(entrance.admit)

    @router.get("/quarantine")
    async def show(request: Request) -> Response:
        if request.state.session.role != ADMIN:
            return _say_for_admins(request)
        asking: Asking = request.state.asking
        filters = choose_filters(request.query_params)
        start = choose_window(WINDOW, datetime.now(UTC)).start
        page, answer = await ask_together(
            asking.get("/quarantine", {"limit": 50, **filters}),
            asking.get("/senders", {"from": start.isoformat()}),
        )
        next_cursor = page.get("nextCursor")
        values = {
            "screen": "senders",
            "items": page["items"],
            "filters": filters,
            "states": [
                (word, write_place(filters, state=state), state == filters.get("state", ""))
                for state, word in STATES
            ],
            "first": write_place(filters) if "cursor" in filters else None,
            "next": write_place(filters, cursor=next_cursor) if next_cursor else None,
            "reasons": list_reasons(answer),
            "waiting": answer["waiting"],
        }
        return render(request, "quarantine.html", values)

    @router.get("/quarantine/{id}")
    async def show_item(request: Request) -> Response:
        if request.state.session.role != ADMIN:
            return _say_for_admins(request)
        asking: Asking = request.state.asking
        item = await asking.get(f"/quarantine/{request.path_params['id']}")
        events = await _list_events(asking, item) if item["state"] == "stored" else []
        values = {"screen": "senders", "item": item, "body": show_body(item), "events": events}
        return render(request, "quarantine_item.html", values)

    @router.post("/quarantine/{id}/reprocess")
    async def reprocess(request: Request) -> Response:
        asking: Asking = request.state.asking
        item = request.path_params["id"]
        # What became of it stands in the item itself.
        await asking.post(f"/quarantine/{item}/reprocess", {})
        return redirect(request, f"quarantine/{item}")

    return router


def _say_for_admins(request: Request) -> Response:
    request.scope[REASON] = PermissionDenied.word
    return render(request, "quarantine_closed.html", {"screen": "senders"}, status=403)


async def _list_events(asking: Asking, item: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the events of what arrived at that moment: an event keeps its time of arrival."""
    received_at = datetime.fromisoformat(item["receivedAt"])
    moment = {
        "credential": item["credential"],
        "receivedFrom": received_at.isoformat(),
        "receivedTo": (received_at + timedelta(microseconds=1)).isoformat(),
        "limit": EVENTS_MAX,
    }
    try:
        page = await asking.get("/events", moment)
    except Refused:
        # The page says what became of the notification all the same.
        return []
    events: list[dict[str, Any]] = page["items"]
    return events
