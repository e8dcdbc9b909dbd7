"""Questions about events: the history of a device, or of any identifier."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from receiver.api.devices import DeviceId
from receiver.api.errors import documented
from receiver.api.questions import Cursor, EventFilters, RetrieveEvents
from receiver.api.resources import EventPage
from receiver.api.security import BEARER, Guard
from receiver.errors import IdentifierNotFound
from receiver.events.device import identify
from receiver.store.history import History, Selection


def events_router(*, guard: Guard, history: History, namespace: Callable[[], UUID]) -> APIRouter:
    """The routes that answer with pages of events."""
    router = APIRouter(tags=["events"], dependencies=[Depends(BEARER), Depends(guard.reader)])

    @router.get(
        "/devices/{deviceId}/events",
        summary="The event history of a device",
        response_model=EventPage,
        response_model_exclude_none=True,
        responses=documented(400, 401, 403, 404, 503),
    )
    async def list_device_events(
        device_id: DeviceId, filters: Annotated[EventFilters, Query()]
    ) -> EventPage:
        """Newest first by `occurredAt`, however the events arrived."""
        return await page(Selection(device_id=device_id), filters)

    @router.post(
        "/events/retrieve",
        summary="The event history by any identifier",
        response_model=EventPage,
        response_model_exclude_none=True,
        responses=documented(400, 401, 403, 404, 503),
    )
    async def retrieve_events(question: RetrieveEvents) -> EventPage:
        """By phone number, or by network access identifier or address: then the events whose own
        body carried it. Of several identifiers the first of phoneNumber,
        networkAccessIdentifier, ipv6Address, ipv4Address is used. Personal data stays out of
        URLs, so this is a POST."""
        identifier = question.device.strongest()
        if identifier.phone_number is None:
            return await page(Selection(reported=identifier), question)
        device_id = identify(
            namespace(), identifier, credential="", subscription_id=None, source=None
        )
        return await page(Selection(device_id=device_id), question)

    async def page(whose: Selection, filters: EventFilters) -> EventPage:
        selection = filters.selection(device_id=whose.device_id, reported=whose.reported)
        cursor = Cursor(selection, filters.order)
        after = None if filters.cursor is None else cursor.read(filters.cursor)
        events, more = await history.page(
            selection, order=filters.order, after=after, limit=filters.limit
        )
        if not events and not await history.exists(whose):
            raise IdentifierNotFound("No event ever carried this identifier")
        return EventPage.of(events, cursor.write(events[-1].position) if more else None)

    return router
