"""The routes of erasure, by the id of a device and by its identifiers."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter, Request

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.erasure.resources import ErasureResource
from receiver.api.questions.devices import DeviceId
from receiver.api.questions.filters import RetrieveDevice
from receiver.api.questions.resolving import Resolver
from receiver.erasure.erasing import Eraser
from receiver.errors import IdentifierNotFound
from receiver.events.devices.identity import identify_reported
from receiver.store.credentials.credentials import Credential, Role
from receiver.store.erasure.subjects import Asked


def erasure_router(
    *, guard: Guard, eraser: Eraser, resolver: Resolver, namespace: Callable[[], UUID]
) -> APIRouter:
    """Makes the routes, for the role `admin` only."""
    router = guard.router("erasure", "erasure", Role.ADMIN)

    @router.delete(
        "/devices/{deviceId:uuid}",
        operation_id="forgetDevice",
        summary="Erase a device",
        response_model=ErasureResource,
        responses=documented(404),
    )
    async def forget_device(device_id: DeviceId, request: Request) -> ErasureResource:
        """The device and what stands for it, everywhere: events, answers, registrations, refused
        notifications that name it. An event that comes afterwards begins a new history. Again is
        harmless, and goes on where a call was cut off."""
        return await forget(Asked(device_id), request)

    @router.post(
        "/devices/forget",
        operation_id="forgetDeviceByIdentifier",
        summary="Erase a device, by any identifier",
        response_model=ErasureResource,
        responses=documented(400, 408, 413, 422),
    )
    async def forget_by_identifier(question: RetrieveDevice, request: Request) -> ErasureResource:
        """The identifier decides as in `/devices/retrieve`; but one that no event carried is
        searched for among refused notifications all the same."""
        identifier = question.device.choose_identifier()
        try:
            device_id = await resolver.resolve(identifier)
        except IdentifierNotFound:
            device_id = UUID(identify_reported(namespace(), identifier))
        return await forget(Asked(device_id, identifier), request)

    async def forget(asked: Asked, request: Request) -> ErasureResource:
        admin: Credential = request.state.credential
        request.state.is_audited = True
        return ErasureResource.of(await eraser.forget(asked, admin.name))

    return router
