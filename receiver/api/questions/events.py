"""The routes of events: all events by arrival, one event, and the history of a device."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.pages import PageResponse, Pages
from receiver.api.questions.devices import DeviceId
from receiver.api.questions.event_resources import EventPage, EventResource, EventWithPayload
from receiver.api.questions.filters import EventFilters, RetrieveEvents
from receiver.errors import EventNotFound, IdentifierNotFound
from receiver.events.devices.identity import identify_reported
from receiver.store.credentials.credentials import Role
from receiver.store.derived.linked_history import LinkedHistory
from receiver.store.derived.linking import Links
from receiver.store.events.history import History
from receiver.store.events.keys import read_event_id
from receiver.store.events.selection import Position, Selection

EventId = Annotated[str, Path(alias="id", description="`id` of an item of a list.")]


def events_router(
    *,
    guard: Guard,
    history: History,
    links: Links,
    pages: Pages,
    namespace: Callable[[], UUID],
) -> APIRouter:
    """Makes the routes that answer with events."""
    router = guard.router("events", "questions", Role.READER)

    @router.get(
        "/events",
        operation_id="listEvents",
        summary="All events, by arrival",
        response_model=EventPage,
        responses=documented(400),
    )
    async def list_events(filters: Annotated[EventFilters, Query()]) -> PageResponse:
        """The latest arrival first, or with `order=asc` the earliest: to follow what arrives, or
        what happened to a subscription. A page may end early, even empty, where few events pass
        the filters: only a missing `nextCursor` means the end. Ascending, a page ends before what
        is being stored, so that whoever goes on from its end misses nothing."""
        selection = filters.select()
        return await pages.answer(history, selection, filters, Position, EventResource.of)

    @router.get(
        "/events/{id}",
        operation_id="getEvent",
        summary="One event with its payload",
        response_model=EventWithPayload,
        responses=documented(404),
    )
    async def get_event(event_id: EventId) -> Response:
        """`payload` is the notification to the letter: its bytes, the spacing included."""
        try:
            found = await history.event(read_event_id(event_id))
        except ValueError:
            found = None
        if found is None:
            raise EventNotFound
        return Response(EventWithPayload.write_json(*found), media_type="application/json")

    @router.get(
        "/devices/{deviceId:uuid}/events",
        operation_id="listDeviceEvents",
        summary="The event history of a device",
        response_model=EventPage,
        responses=documented(400, 404),
    )
    async def list_device_events(
        device_id: DeviceId, filters: Annotated[EventFilters, Query()]
    ) -> PageResponse:
        """Newest first by `occurredAt`, however the events arrived; with those of what stands for
        the device: a subscription that names none, or a network access identifier. A page may end
        early, even empty, where few events pass the filters."""
        return await read_linked(filters, device_id, Selection(device_id=device_id))

    @router.post(
        "/events/retrieve",
        operation_id="retrieveEvents",
        summary="The event history by any identifier",
        response_model=EventPage,
        responses=documented(400, 404, 408, 413),
    )
    async def retrieve_events(question: RetrieveEvents) -> PageResponse:
        """By phone number, or by network access identifier or address: then the events whose own
        body carried it. Of several identifiers the first of phoneNumber,
        networkAccessIdentifier, ipv6Address, ipv4Address is used. A page may end early, even
        empty, where few events pass the filters. Personal data stays out of URLs, so this is a
        POST."""
        identifier = question.device.choose_identifier()
        device_id = UUID(identify_reported(namespace(), identifier))
        if identifier.phone_number is None:
            return await read_linked(question, device_id, Selection(reported=identifier))
        return await read_linked(question, device_id, Selection(device_id=device_id))

    async def read_linked(filters: EventFilters, device_id: UUID, whole: Selection) -> PageResponse:
        linked = LinkedHistory(history, links, device_id)
        selection = filters.select(whole.device_id, whole.reported)
        answer = await pages.answer(linked, selection, filters, Position, EventResource.of)
        if not answer.items and not await linked.exists(whole):
            raise IdentifierNotFound("No event ever carried this identifier")
        return answer

    return router
