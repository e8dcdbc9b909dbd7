"""The routes under `/quarantine`: refused notifications, and another look at them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.pages import PageResponse, Pages
from receiver.api.quarantine.filters import QuarantineFilters
from receiver.api.quarantine.resources import (
    QuarantinePage,
    RefusedNotificationResource,
    RefusedNotificationWithBody,
    ReprocessingOutcome,
)
from receiver.intake.reprocessing import Reprocessing
from receiver.store.credentials.credentials import Credential, Role
from receiver.store.quarantine.entries import QuarantinePosition
from receiver.store.quarantine.keys import read_quarantine_id
from receiver.store.quarantine.quarantine import Quarantine

QuarantineId = Annotated[str, Path(alias="id", description="`id` of an item of the list.")]


def quarantine_router(
    *, guard: Guard, quarantine: Quarantine, pages: Pages, reprocessing: Reprocessing
) -> APIRouter:
    """Makes the routes, for the role `admin` only."""
    router = guard.router("quarantine", "quarantine", Role.ADMIN)

    @router.get(
        "/quarantine",
        operation_id="listRefusedNotifications",
        summary="What was refused",
        response_model=QuarantinePage,
        responses=documented(400),
    )
    async def list_quarantined(filters: Annotated[QuarantineFilters, Query()]) -> PageResponse:
        """The latest arrival first, without what was sent. It stays until it is older than the
        configured limit, or was stored by reprocessing."""
        resource = RefusedNotificationResource.of
        return await pages.answer(
            quarantine, filters.select(), filters, QuarantinePosition, resource
        )

    @router.get(
        "/quarantine/{id}",
        operation_id="getRefusedNotification",
        summary="One refused notification with its bytes",
        response_model=RefusedNotificationWithBody,
        response_model_exclude_none=True,
        responses=documented(404),
    )
    async def get_quarantined(quarantine_id: QuarantineId) -> RefusedNotificationWithBody:
        """`body` is what arrived: of a batch only the member that was refused."""
        return RefusedNotificationWithBody.of_row_and_body(
            *await quarantine.find(read_quarantine_id(quarantine_id))
        )

    @router.post(
        "/quarantine/{id}/reprocess",
        operation_id="reprocessRefusedNotification",
        summary="Parse it again",
        response_model=ReprocessingOutcome,
        response_model_exclude_none=True,
        responses=documented(404),
    )
    async def reprocess(quarantine_id: QuarantineId, request: Request) -> ReprocessingOutcome:
        """Understood by today's code it is stored as it would have been: with its `receivedAt`
        and its credential, as one delivery however often this is called. Otherwise it stays,
        with today's reason."""
        key = read_quarantine_id(quarantine_id)
        admin: Credential = request.state.credential
        request.state.is_audited = True
        return ReprocessingOutcome.of(await reprocessing.reprocess(key, admin.name))

    return router
