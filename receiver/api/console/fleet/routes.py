"""The screen of the fleet: how many devices are how, and a table of them."""

from fastapi import APIRouter, Request, Response

from receiver.api.console.asking import Asking, ask_together
from receiver.api.console.entrance import Entrance
from receiver.api.console.fleet.bars import (
    draw_connectivity,
    draw_countries,
    draw_network_types,
    list_elsewhere,
)
from receiver.api.console.fleet.counts import make_cards, make_chips
from receiver.api.console.fleet.filters import Filters, read_filters
from receiver.api.console.fleet.rows import make_row
from receiver.api.console.rendering import render
from receiver.api.console.screens import page_router

# Rows of a page of the table.
ROWS = 50


def fleet_screen(entrance: Entrance) -> APIRouter:
    """Makes the routes."""
    router = page_router(entrance.admit)

    @router.get("/fleet")
    async def show(request: Request) -> Response:
        asking: Asking = request.state.asking
        filters = read_filters(request.query_params.multi_items())
        summary, page = await ask_together(
            asking.get("/devices/summary"), asking.get("/devices", _ask(filters))
        )
        cursor = page.get("nextCursor")
        values = {
            "screen": "fleet",
            "summary": summary,
            "cards": make_cards(summary),
            "connectivity": draw_connectivity(summary),
            "countries": draw_countries(summary),
            "elsewhere": list_elsewhere(summary),
            "network_types": draw_network_types(summary),
            "chips": make_chips(summary, filters.pairs),
            "filters": filters,
            "rows": [make_row(item) for item in page["items"]],
            "following": None if cursor is None else filters.turn(cursor),
        }
        return render(request, "fleet.html", values)

    return router


def _ask(filters: Filters) -> list[tuple[str, object]]:
    return [
        *filters.pairs,
        ("cursor", filters.cursor),
        ("limit", ROWS),
        ("include", "identifiers"),
    ]
