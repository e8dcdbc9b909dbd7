"""The routes of devices: the device that an identifier means, and its description."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.questions.event_resources import DeviceSummaryResource
from receiver.api.questions.filters import RetrieveDevice
from receiver.errors import IdentifierAmbiguous, IdentifierNotFound
from receiver.events.devices.identity import identify_reported
from receiver.events.event import Device
from receiver.store.credentials.credentials import Role
from receiver.store.events.history import History
from receiver.store.events.selection import Selection

DeviceId = Annotated[UUID, Path(alias="deviceId", description="`deviceId` of any event.")]

# Devices that are looked up for one identifier: its own and two others, because one other is the
# device that it means, and two are already ambiguous.
CANDIDATES = 3


def devices_router(*, guard: Guard, history: History, namespace: Callable[[], UUID]) -> APIRouter:
    """Makes the routes that answer with one device."""
    router = guard.router("devices", "questions", Role.READER)

    @router.post(
        "/devices/retrieve",
        summary="Find a device by an identifier",
        response_model=DeviceSummaryResource,
        response_model_exclude_none=True,
        responses=documented(400, 404, 408, 413, 422),
    )
    async def retrieve_device(question: RetrieveDevice) -> DeviceSummaryResource:
        """A phone number always means one device. A network access identifier means the one
        device it was reported with, an address too; reported with several, it is a 422."""
        return await describe(await resolve(question.device.choose_identifier()))

    @router.get(
        "/devices/{deviceId:uuid}",
        summary="Get a device",
        response_model=DeviceSummaryResource,
        response_model_exclude_none=True,
        responses=documented(404),
    )
    async def get_device(device_id: DeviceId) -> DeviceSummaryResource:
        """The identifiers, the first and the last event of a device."""
        return await describe(device_id)

    async def describe(device_id: UUID) -> DeviceSummaryResource:
        summary = await history.device(device_id)
        if summary is None:
            raise IdentifierNotFound("No event of this device was ever received")
        return DeviceSummaryResource.of(summary)

    async def resolve(identifier: Device) -> UUID:
        own = UUID(identify_reported(namespace(), identifier))
        if identifier.phone_number is not None:
            return own
        reporting = await history.devices_reporting(identifier, CANDIDATES)
        others = [device_id for device_id in reporting if device_id != own]
        if len(others) == 1:
            return others[0]
        # Of more devices than are looked up, its own may be one that was not.
        if own in reporting or await history.exists(Selection(device_id=own, reported=identifier)):
            return own
        if others:
            raise IdentifierAmbiguous("This identifier was reported with several devices")
        raise IdentifierNotFound("No event ever carried this identifier")

    return router
