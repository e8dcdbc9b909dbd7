"""The route of the summary: how many devices have which value now."""

from fastapi import APIRouter

from receiver.api.access.guard import Guard
from receiver.api.questions.summary.resources import FleetSummaryResource
from receiver.store.credentials.credentials import Role
from receiver.store.fleet.counting import FleetCounting


def summary_router(*, guard: Guard, counting: FleetCounting) -> APIRouter:
    """Makes the route that answers with counts."""
    router = guard.router("status", "questions", Role.READER)

    @router.get(
        "/devices/summary",
        operation_id="summarizeFleet",
        summary="The fleet summed up: how many devices have which value now",
        response_model=FleetSummaryResource,
        response_model_exclude_none=True,
    )
    async def summarize_fleet() -> FleetSummaryResource:
        """Counts the rows of `/devices` by each part of their status: a device counts once,
        together with what stands for it, and unknown is a number of its own. All who ask within
        five seconds get the same counts, or for longer where the fleet is large enough that
        counting takes time. What is acknowledged after `asOf` may not be counted yet."""
        return FleetSummaryResource.of(await counting.count())

    return router
