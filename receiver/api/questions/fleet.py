"""The route of the fleet: every device with its status now."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.pages import PageResponse, Pages
from receiver.api.paging import Cursor, Page
from receiver.api.questions import examples
from receiver.api.questions.fleet_filters import FleetFilters
from receiver.api.questions.resources import DeviceResource
from receiver.api.questions.status_resources import DeviceStatusResource, write_status
from receiver.events.event import Device
from receiver.store.credentials.credentials import Role
from receiver.store.derived.identifiers import Identifiers
from receiver.store.fleet.fleet import Fleet, FleetPosition, FleetRow


class FleetItem(DeviceStatusResource):
    """A device of the fleet with its status."""

    device: DeviceResource | None = Field(
        default=None,
        description="With `include=identifiers` the phone number and the network access identifier "
        "that its events report or a registration names; absent: none is known.",
    )


class FleetPage(Page[FleetItem]):
    """One page of the fleet."""

    model_config = ConfigDict(json_schema_extra={"example": examples.FLEET})


def fleet_router(
    *, guard: Guard, fleet: Fleet, pages: Pages, identifiers: Identifiers
) -> APIRouter:
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
        if not filters.include:
            return await pages.write(rows, end, cursor, _present)
        names = await identifiers.name_devices([row.status.device_id for row in rows])

        def present(row: FleetRow) -> bytes:
            name = names.get(row.status.device_id)
            return _present(row) if name is None else write_status(row.status, device=_write(name))

        return await pages.write(rows, end, cursor, present)

    return router


def _present(row: FleetRow) -> bytes:
    return write_status(row.status)


def _write(name: Device) -> dict[str, object]:
    return DeviceResource.of(name).model_dump(mode="json", by_alias=True, exclude_none=True)
