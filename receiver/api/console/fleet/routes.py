"""The screen of the fleet."""

from fastapi import APIRouter, Request, Response

from receiver.api.console.asking import Asking
from receiver.api.console.entrance import Entrance
from receiver.api.console.rendering import render
from receiver.api.console.screens import page_router


def fleet_screen(entrance: Entrance) -> APIRouter:
    """Makes the routes."""
    router = page_router(entrance.admit)

    @router.get("/fleet")
    async def show(request: Request) -> Response:
        asking: Asking = request.state.asking
        # Their names and values are those of `GET /devices`.
        page = await asking.get("/devices", {"limit": 50, **request.query_params})
        return render(request, "fleet.html", {"screen": "fleet", "devices": page["items"]})

    return router
