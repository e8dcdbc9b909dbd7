"""The screens of subscriptions."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from receiver.api.console.asking import Asking, Refused, ask_together
from receiver.api.console.entrance import Entrance
from receiver.api.console.forms import read_form
from receiver.api.console.rendering import redirect, render
from receiver.api.console.screens import page_router
from receiver.api.console.subscriptions import ledger
from receiver.api.console.subscriptions.registering import Told
from receiver.api.console.values import name_device
from receiver.errors import InvalidArgument

SCREEN = "subscriptions"

# Of one page, and of the events of one subscription that its page shows.
PAGE_LENGTH = 50
EVENTS_SHOWN = 20

# Who may tell of subscriptions.
TELLERS = {"registrar", "admin"}


def subscriptions_screen(entrance: Entrance) -> APIRouter:
    """Makes the routes."""
    router = page_router(entrance.admit)

    @router.get("/subscriptions")
    async def list_subscriptions(
        request: Request, show: str = "", cursor: str | None = None
    ) -> Response:
        asking: Asking = request.state.asking
        part = ledger.find_part(show)
        question = [
            *ledger.ask_for(part, datetime.now(UTC)),
            ("limit", PAGE_LENGTH),
            ("cursor", cursor),
        ]
        page = await asking.get("/subscriptions", question)
        values = {
            "part": part,
            "parts": ledger.PARTS,
            "items": page["items"],
            "next": page.get("nextCursor"),
            "is_first": cursor is None,
            "may_tell": asking.session.role in TELLERS,
        }
        return _render(request, "subscriptions.html", values)

    @router.get("/subscriptions/one")
    async def show_subscription(
        request: Request, credential: str = "", subscription: str = ""
    ) -> Response:
        asking: Asking = request.state.asking
        key = {"credential": credential, "subscriptionId": subscription}
        found, events = await ask_together(
            asking.get("/subscriptions", key),
            asking.get("/events", {**key, "limit": EVENTS_SHOWN}),
        )
        if not found["items"]:
            raise HTTPException(404)
        [item] = found["items"]
        values = {
            "item": item,
            "events": events["items"],
            "has_more": "nextCursor" in events,
            "numbers": ledger.find_numbers(item, events["items"]),
        }
        return _render(request, "subscription.html", values)

    @router.get("/subscriptions/tell")
    async def show_form(request: Request, credential: str = "") -> Response:
        asking: Asking = request.state.asking
        return _ask(request, asking, Told(credential))

    @router.post("/subscriptions/tell")
    async def tell(request: Request) -> Response:
        asking: Asking = request.state.asking
        told = Told.read(await read_form(request))
        try:
            item = await asking.post("/subscriptions", told.ask())
        except InvalidArgument as error:
            return _ask(request, asking, told, str(error), 400)
        except Refused as refused:
            return _ask(request, asking, told, refused.message, refused.status)
        key = {"credential": item["credential"], "subscription": item["subscriptionId"]}
        return redirect(request, f"subscriptions/one?{urlencode(key)}")

    return router


def _ask(
    request: Request, asking: Asking, told: Told, sentence: str | None = None, status: int = 200
) -> Response:
    may_tell = asking.session.role in TELLERS
    values = {"told": told, "sentence": sentence, "may_tell": may_tell}
    return _render(request, "subscription_tell.html", values, status)


def _render(request: Request, template: str, values: dict[str, Any], status: int = 200) -> Response:
    words = {"screen": SCREEN, "ledger": ledger, "name_device": name_device}
    return render(request, template, {**words, **values}, status=status)
