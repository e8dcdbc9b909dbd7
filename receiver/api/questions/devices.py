"""The routes of devices: the device that an identifier means, and its description."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.questions.event_resources import DeviceSummaryResource
from receiver.api.questions.filters import RetrieveDevice
from receiver.api.questions.resolving import Resolver
from receiver.errors import IdentifierNotFound
from receiver.store.credentials.credentials import Role
from receiver.store.derived.linked_history import LinkedHistory
from receiver.store.derived.linking import Links
from receiver.store.events.history import History
from receiver.store.subscriptions.registrations import Registrations

DeviceId = Annotated[UUID, Path(alias="deviceId", description="`deviceId` of any event.")]


def devices_router(
    *,
    guard: Guard,
    history: History,
    links: Links,
    registrations: Registrations,
    resolver: Resolver,
) -> APIRouter:
    """Makes the routes that answer with one device."""
    router = guard.router("devices", "questions", Role.READER)

    @router.post(
        "/devices/retrieve",
        operation_id="retrieveDevice",
        summary="Find a device by an identifier",
        response_model=DeviceSummaryResource,
        response_model_exclude_none=True,
        responses=documented(400, 404, 408, 413, 422),
    )
    async def retrieve_device(question: RetrieveDevice) -> DeviceSummaryResource:
        """A phone number always means one device. A network access identifier means the one
        device it was reported or registered with, an address the one that its latest events
        report; with several, it is a 422."""
        return await describe(await resolver.resolve(question.device.choose_identifier()))

    @router.get(
        "/devices/{deviceId:uuid}",
        operation_id="getDevice",
        summary="Get a device",
        response_model=DeviceSummaryResource,
        response_model_exclude_none=True,
        responses=documented(404),
    )
    async def get_device(device_id: DeviceId) -> DeviceSummaryResource:
        """The identifiers, the first and the last event of a device and of what stands for it. Of
        addresses come those of its latest events."""
        return await describe(device_id)

    async def describe(device_id: UUID) -> DeviceSummaryResource:
        summary = await LinkedHistory(history, links, device_id).device()
        if summary is None:
            raise IdentifierNotFound("No event of this device was ever received")
        registered = await registrations.identifiers_of(device_id)
        return DeviceSummaryResource.of(summary, registered)

    return router
