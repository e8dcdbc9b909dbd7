"""Calls about devices: their identifiers, their status now, the fleet, what was when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeVar, Unpack
from uuid import UUID

from receiver.client.answers.devices import DeviceStatus, FleetPage, FleetSummary
from receiver.client.answers.events import DeviceSummary
from receiver.client.answers.timelines import AvailabilityPage, IntervalPage, SessionPage
from receiver.client.calls.arguments import (
    Identifiers,
    Order,
    Words,
    write_device,
    write_id,
    write_path,
    write_query,
)
from receiver.client.exchange import Call, read_as

T = TypeVar("T")


def retrieve_device(**identifiers: Unpack[Identifiers]) -> Call[DeviceSummary]:
    """Returns a device by an identifier: its id, its identifiers, its first and its last event."""
    body = {"device": write_device(identifiers)}
    return Call("POST", "/devices/retrieve", read_as(DeviceSummary), body=body)


def get_device(device_id: UUID | str) -> Call[DeviceSummary]:
    """Returns a device by its id."""
    return _about(device_id, "", DeviceSummary)


def retrieve_status(**identifiers: Unpack[Identifiers]) -> Call[DeviceStatus]:
    """Returns what is true of a device now, by an identifier."""
    body = {"device": write_device(identifiers)}
    return Call("POST", "/status/retrieve", read_as(DeviceStatus), body=body)


def get_status(device_id: UUID | str) -> Call[DeviceStatus]:
    """Returns what is true of a device now, by its id."""
    return _about(device_id, "/status", DeviceStatus)


def list_devices(
    *,
    roaming: bool | None = None,
    country: Words = (),
    connectivity: Words = (),
    network_type: Words = (),
    unknown: Words = (),
    last_event_from: datetime | None = None,
    last_event_to: datetime | None = None,
    include: Literal["identifiers"] | Sequence[Literal["identifiers"]] = (),
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[FleetPage]:
    """Returns every device that passes the filters, with its status now.

    Args:
        country: they roam there: an ISO 3166 alpha-2 code, or a mobile country code.
        unknown: of which `connectivity`, `roaming`, `country` or `network-type` is unknown.
        include: `identifiers` adds the phone number and the network access identifier.
        limit: items of a page.
        cursor: the `next_cursor` of the page before, with the same filters.
    """
    query = write_query(
        roaming=roaming,
        country=country,
        connectivity=connectivity,
        network_type=network_type,
        unknown=unknown,
        last_event_from=last_event_from,
        last_event_to=last_event_to,
        include=include,
        limit=limit,
        cursor=cursor,
    )
    return Call("GET", "/devices", read_as(FleetPage), query)


def summarize_fleet() -> Call[FleetSummary]:
    """Returns how many devices have which value now."""
    return Call("GET", "/devices/summary", read_as(FleetSummary))


def list_intervals(
    device_id: UUID | str,
    *,
    axis: str,
    from_: datetime | None = None,
    to: datetime | None = None,
    order: Order | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[IntervalPage]:
    """Returns the values of a device on one axis, end to end.

    Args:
        axis: `connectivity`, `roaming` or `network-type`.
        from_: inclusive; 31 days before the end where it is missing.
        to: exclusive; the present where it is missing.
    """
    query = write_query(axis=axis, from_=from_, to=to, order=order, limit=limit, cursor=cursor)
    return _about(device_id, "/intervals", IntervalPage, query)


def list_roaming_sessions(
    device_id: UUID | str,
    *,
    from_: datetime | None = None,
    to: datetime | None = None,
    order: Order | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Call[SessionPage]:
    """Returns each time of roaming of a device, with the countries in it."""
    query = write_query(from_=from_, to=to, order=order, limit=limit, cursor=cursor)
    return _about(device_id, "/roaming-sessions", SessionPage, query)


def get_availability(
    device_id: UUID | str,
    *,
    from_: datetime | None = None,
    to: datetime | None = None,
    cursor: str | None = None,
) -> Call[AvailabilityPage]:
    """Returns for how long the network reached a device, by day in UTC and in all.

    A longer range goes on with `next_cursor`: each page is about a part of it.
    """
    query = write_query(from_=from_, to=to, cursor=cursor)
    return _about(device_id, "/availability", AvailabilityPage, query)


def _about(
    device_id: UUID | str, end: str, kind: type[T], query: Sequence[tuple[str, str]] = ()
) -> Call[T]:
    path = write_path("/devices/{device_id}", device_id=write_id(device_id))
    return Call("GET", f"{path}{end}", read_as(kind), query)
