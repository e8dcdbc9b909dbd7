"""The routes of what was when: intervals, roaming sessions and availability of a device."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from receiver.api.access.guard import Guard
from receiver.api.answers.errors import documented
from receiver.api.paging import Cursor
from receiver.api.timelines.questions import (
    AvailabilityQuestion,
    IntervalsQuestion,
    SessionsQuestion,
)
from receiver.api.timelines.ranges import (
    Range,
    Rest,
    choose_days,
    choose_page,
    choose_range,
    find_rest,
    shorten,
)
from receiver.api.timelines.resources import (
    AvailabilityPage,
    IntervalPage,
    SessionPage,
    write_days,
    write_interval,
    write_session,
)
from receiver.errors import IdentifierNotFound
from receiver.events.axes import Axis
from receiver.store.credentials.credentials import Role
from receiver.store.timelines.timelines import Timeline, Timelines

DeviceId = Annotated[UUID, Path(alias="deviceId", description="`deviceId` of any event.")]


def timelines_router(*, guard: Guard, timelines: Timelines) -> APIRouter:
    """Makes the routes that answer what was when."""
    router = guard.router("status", "questions", Role.READER)

    @router.get(
        "/devices/{deviceId:uuid}/intervals",
        operation_id="listIntervals",
        summary="What the status of a device was, and from when to when",
        response_model=IntervalPage,
        response_model_exclude_none=True,
        responses=documented(400, 404),
    )
    async def list_intervals(
        device_id: DeviceId, question: Annotated[IntervalsQuestion, Query()]
    ) -> IntervalPage:
        """The intervals of one axis, end to end. Where nothing told the value they are `unknown`:
        before the first event, and after the end of the subscription that told it. The last one
        is the status. A page covers at most 31 days in which something changed, and says which;
        what began before it or goes on after it is cut there."""
        axis = Axis(question.axis)
        async with _open(device_id) as timeline:
            cursor = Cursor(Rest, "intervals", device_id, axis, *_asked(question))
            whole, page = _choose(timeline, axis, question, cursor)
            found = await timeline.intervals(
                axis, page.start, page.end, order=question.order, limit=question.limit + 1
            )
            page = shorten(page, question.order, found, question.limit)
            return IntervalPage.model_validate(
                {
                    **_members(
                        device_id, timeline, page, find_rest(whole, question.order, page), cursor
                    ),
                    "axis": question.axis,
                    "items": [
                        write_interval(axis, one, timeline.as_of) for one in found[: question.limit]
                    ],
                }
            )

    @router.get(
        "/devices/{deviceId:uuid}/roaming-sessions",
        operation_id="listRoamingSessions",
        summary="When a device roamed, and where",
        response_model=SessionPage,
        response_model_exclude_none=True,
        responses=documented(400, 404),
    )
    async def list_roaming_sessions(
        device_id: DeviceId, question: Annotated[SessionsQuestion, Query()]
    ) -> SessionPage:
        """Each time of roaming, with the countries that the device visited in it. A session ends
        when the device is at home again, or when nothing tells any more whether it roams; then
        `because` says why. A page covers at most 31 days in which something changed, as for
        intervals; one without a session is empty, and may have a next one."""
        async with _open(device_id) as timeline:
            cursor = Cursor(Rest, "sessions", device_id, *_asked(question))
            whole, page = _choose(timeline, Axis.ROAMING, question, cursor)
            found = await timeline.sessions(
                page.start, page.end, order=question.order, limit=question.limit + 1
            )
            roaming = [session.roaming for session in found]
            page = shorten(page, question.order, roaming, question.limit)
            return SessionPage.model_validate(
                {
                    **_members(
                        device_id, timeline, page, find_rest(whole, question.order, page), cursor
                    ),
                    "items": [
                        write_session(session, timeline.as_of)
                        for session in found[: question.limit]
                    ],
                }
            )

    @router.get(
        "/devices/{deviceId:uuid}/availability",
        operation_id="getAvailability",
        summary="For how long the network reached a device",
        response_model=AvailabilityPage,
        response_model_exclude_none=True,
        responses=documented(400, 404),
    )
    async def get_availability(
        device_id: DeviceId, question: Annotated[AvailabilityQuestion, Query()]
    ) -> AvailabilityPage:
        """Seconds of each value by day in UTC and in all, up to the present at most. What is not
        known counts apart, neither as available nor as not. A page has at most 31 days, the
        earliest first."""
        async with _open(device_id) as timeline:
            cursor = Cursor(Rest, "availability", device_id, question.from_, question.to)
            now = timeline.as_of
            rest = cursor.read(question.cursor)
            whole = choose_range(question.from_, question.to, now) if rest is None else rest.range
            first_at = timeline.first_at(Axis.CONNECTIVITY)
            if question.from_ is None and first_at is not None:
                latest = min(first_at, whole.end or now)
                whole = Range(max(whole.start, latest), whole.end)
            page = choose_days(whole, now)
            end = page.end or now
            days = await timeline.measure_days(Axis.CONNECTIVITY, page.start, end)
            left = Range(end, whole.end) if end < (whole.end or now) else None
            return AvailabilityPage.model_validate(
                {**_members(device_id, timeline, page, left, cursor), **write_days(days)}
            )

    @asynccontextmanager
    async def _open(device_id: UUID) -> AsyncIterator[Timeline]:
        async with timelines.of(device_id) as timeline:
            if timeline is None:
                raise IdentifierNotFound("No event of this device was ever received")
            yield timeline

    return router


def _asked(question: SessionsQuestion) -> tuple[object, ...]:
    """Returns what a cursor is bound to."""
    return question.order, question.from_, question.to


def _choose(
    timeline: Timeline, axis: Axis, question: SessionsQuestion, cursor: Cursor[Rest]
) -> tuple[Range, Range]:
    """Returns the range that is left to be answered, and the page of it."""
    now = timeline.as_of
    rest = cursor.read(question.cursor)
    whole = choose_range(question.from_, question.to, now) if rest is None else rest.range
    page = choose_page(
        whole,
        question.order,
        first_at=timeline.first_at(axis),
        last_at=timeline.last_at(axis),
        now=now,
    )
    return whole, page


def _members(
    device_id: UUID, timeline: Timeline, page: Range, rest: Range | None, cursor: Cursor[Rest]
) -> dict[str, object]:
    """Returns the members that every page has."""
    return {
        "device_id": device_id,
        "as_of": timeline.as_of,
        "from_at": page.start,
        "to_at": page.end,
        "next_cursor": None if rest is None else cursor.write(Rest.of(rest)),
    }
