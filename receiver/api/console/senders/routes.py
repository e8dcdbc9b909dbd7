"""The screen of senders, and the page of a finding."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from receiver.api.console.asking import Asking, Refused, ask_together
from receiver.api.console.entrance import Entrance
from receiver.api.console.findings import explain
from receiver.api.console.rendering import render
from receiver.api.console.screens import page_router
from receiver.api.console.senders.report import write_report
from receiver.api.console.senders.views import is_whole, list_cards, list_found, list_sources
from receiver.api.console.senders.windows import WINDOWS, Chosen, choose_window

# Events that one page of a finding shows; each is a question.
EXAMPLES_MAX = 4


def senders_screen(entrance: Entrance) -> APIRouter:
    """Makes the routes."""
    router = page_router(entrance.admit)

    @router.get("/senders")
    async def show(request: Request, window: str | None = None) -> Response:
        chosen, answer = await _ask(request, window, by="credential")
        values = {**_values(chosen, answer), "cards": list_cards(answer)}
        return render(request, "senders.html", values)

    @router.get("/senders/sources")
    async def show_sources(
        request: Request, credential: str, window: str | None = None
    ) -> Response:
        chosen, answer = await _ask(request, window, credential=credential)
        values = {
            **_values(chosen, answer),
            "credential": credential,
            "rows": list_sources(answer),
        }
        return render(request, "senders_sources.html", values)

    @router.get("/senders/findings/{finding}")
    async def show_finding(request: Request, finding: str, window: str | None = None) -> Response:
        explanation = explain(finding)
        if explanation is None:
            raise HTTPException(404)
        chosen, answer = await _ask(request, window, by="credential")
        found = list_found(answer, finding)
        asking: Asking = request.state.asking
        events = await ask_together(
            *(_find_event(asking, one["latestEventId"]) for _, one in found[:EXAMPLES_MAX])
        )
        reports = [
            write_report(explanation, one, event, start=answer["countedFrom"], end=answer["to"])
            for (_, one), event in zip(found, events, strict=False)
        ]
        values = {
            **_values(chosen, answer),
            "explanation": explanation,
            "found": found,
            "reports": reports,
        }
        return render(request, "senders_finding.html", values)

    return router


async def _ask(
    request: Request, window: str | None, **parameters: str
) -> tuple[Chosen, dict[str, Any]]:
    asking: Asking = request.state.asking
    chosen = choose_window(window, datetime.now(UTC))
    answer: dict[str, Any] = await asking.get(
        "/senders", {"from": chosen.start.isoformat(), **parameters}
    )
    return chosen, answer


def _values(chosen: Chosen, answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "screen": "senders",
        "chosen": chosen,
        "windows": WINDOWS,
        "answer": answer,
        "is_whole": is_whole(answer),
    }


async def _find_event(asking: Asking, event_id: str) -> dict[str, Any] | None:
    """Returns an event; None: it was erased since, or its month was dropped."""
    try:
        event: dict[str, Any] = await asking.get(f"/events/{event_id}")
    except Refused as refused:
        if refused.status != 404:
            raise
        return None
    return event
