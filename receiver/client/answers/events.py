"""Answers about events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Ipv4Address:
    """CAMARA's `DeviceIpv4Addr`."""

    public_address: str | None = None
    private_address: str | None = None
    public_port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """CAMARA's `Device`: the identifiers that were reported, normalised."""

    phone_number: str | None = None
    network_access_identifier: str | None = None
    ipv4_address: Ipv4Address | None = None
    ipv6_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The status that the event itself reports; nothing is inferred."""

    connectivity: str | None = None
    roaming: bool | None = None
    country_code: int | None = None
    country_name: tuple[str, ...] | None = None
    connected_network_type: str | None = None
    termination_reason: str | None = None
    initiation_reason: str | None = None
    update_reason: str | None = None
    termination_description: str | None = None
    initiation_description: str | None = None
    update_description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the history."""

    id: str
    device_id: UUID
    kind: str
    name: str
    type: str
    source: str | None = None
    event_id: str | None = None
    form: str
    subscription_id: str | None = None
    credential: str
    occurred_at: datetime
    received_at: datetime
    deliveries: int
    device: Device
    status: Status
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWithPayload(Event):
    """An event with the notification that it came in.

    Attributes:
        payload: the notification as JSON is read.
        payload_text: the same to the letter, as it was received.
    """

    payload: object
    payload_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedEvent(Event):
    """An event of the live stream.

    Attributes:
        late: an event of the same device and kind that occurred later was stored before; whoever
            keeps the latest state leaves this one out.
    """

    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """One page of events."""

    items: tuple[Event, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSummary:
    """A device: its identifiers, its first and its last event by `occurredAt`."""

    device_id: UUID
    identifiers: tuple[Device, ...]
    first_event: Event | None = None
    last_event: Event | None = None
