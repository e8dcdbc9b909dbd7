"""The route of the fleet: every device with its status now."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.pages import PageResponse, Pages
from receiver.api.paging import Cursor, Page
from receiver.api.questions import examples
from receiver.api.questions.fleet_filters import FleetFilters
from receiver.api.questions.status_resources import DeviceStatusResource
from receiver.store.credentials.credentials import Role
from receiver.store.fleet.fleet import Fleet, FleetPosition, FleetRow


class FleetPage(Page[DeviceStatusResource]):
    """One page of the fleet."""

    model_config = ConfigDict(json_schema_extra={"example": examples.FLEET})


def fleet_router(*, guard: Guard, fleet: Fleet, pages: Pages) -> APIRouter:
    """Makes the route that answers with all devices."""
    router = guard.router("status", "questions", Role.READER)

    @router.get(
        "/devices",
        operation_id="listDevices",
        summary="The fleet: every device with its status now",
        response_model=FleetPage,
        responses=documented(400),
    )
    async def list_devices(filters: Annotated[FleetFilters, Query()]) -> PageResponse:
        """Each device once, as `/devices/{deviceId}/status` answers; what stands for another
        device is in the row of that one. A filter of a value passes devices of which the value is
        known. A page may end early, even empty: only a missing `nextCursor` means the end."""
        selection = filters.select()
        cursor = Cursor(FleetPosition, selection)
        after = cursor.read(filters.cursor)
        rows, end = await fleet.page(selection, after=after, limit=filters.limit)
        return await pages.write(rows, end, cursor, _present)

    return router


def _present(row: FleetRow) -> DeviceStatusResource:
    return DeviceStatusResource.of(row.status)
