"""The routes of the status: what is true of a device now."""

from uuid import UUID

from fastapi import APIRouter, Response

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.questions.devices import DeviceId
from receiver.api.questions.filters import RetrieveDevice
from receiver.api.questions.resolving import Resolver
from receiver.api.questions.status_resources import DeviceStatusResource, write_status
from receiver.errors import IdentifierNotFound
from receiver.store.credentials.credentials import Role
from receiver.store.status.statuses import Statuses


def status_router(*, guard: Guard, statuses: Statuses, resolver: Resolver) -> APIRouter:
    """Makes the routes that answer with the status of one device."""
    router = guard.router("status", "questions", Role.READER)

    @router.post(
        "/status/retrieve",
        operation_id="retrieveStatus",
        summary="The status now, by any identifier",
        response_model=DeviceStatusResource,
        responses=documented(400, 404, 408, 413, 422),
    )
    async def retrieve_status(question: RetrieveDevice) -> Response:
        """Whatever was acknowledged before is in the answer, in whatever order it arrived. The
        identifier decides as in `/devices/retrieve`."""
        return await answer(await resolver.resolve(question.device.choose_identifier()))

    @router.get(
        "/devices/{deviceId:uuid}/status",
        operation_id="getStatus",
        summary="The status of a device now",
        response_model=DeviceStatusResource,
        responses=documented(404),
    )
    async def get_status(device_id: DeviceId) -> Response:
        """A value is known while whatever would end it would still be told: when the subscription
        that tells it ends, and no other one does, it is unknown, and the last value stands
        apart."""
        return await answer(device_id)

    async def answer(device_id: UUID) -> Response:
        status = await statuses.status(device_id)
        if status is None:
            raise IdentifierNotFound("No event of this device was ever received")
        return Response(write_status(status), media_type="application/json")

    return router
