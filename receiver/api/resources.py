"""What readers get: the JSON of events, devices and pages, and how rows become it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PlainSerializer
from pydantic.alias_generators import to_camel

from receiver.api import examples
from receiver.events.event import Device, Form, Kind, Status
from receiver.store.events.history import DeviceSummary
from receiver.store.events.keys import write_event_id
from receiver.store.events.stored_event import StoredEvent


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Time = Annotated[
    datetime,
    PlainSerializer(_rfc3339, return_type=str),
    Field(description="RFC 3339, UTC, to the microsecond."),
]


class Resource(BaseModel):
    """lowerCamelCase; what is unknown is left out."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Ipv4AddressResource(Resource):
    """CAMARA's `DeviceIpv4Addr`."""

    public_address: str | None = None
    private_address: str | None = None
    public_port: int | None = Field(default=None, ge=1, le=65535)


class DeviceResource(Resource):
    """CAMARA's `Device`: the identifiers that were reported, normalised."""

    phone_number: str | None = Field(default=None, description="`+` and digits.")
    network_access_identifier: str | None = None
    ipv4_address: Ipv4AddressResource | None = Field(default=None)
    ipv6_address: str | None = Field(default=None)

    @classmethod
    def of(cls, device: Device) -> "DeviceResource":
        ipv4 = (
            device.ipv4_public_address,
            device.ipv4_private_address,
            device.ipv4_public_port,
        )
        public, private, port = ipv4
        return cls(
            phone_number=device.phone_number,
            network_access_identifier=device.network_access_identifier,
            ipv4_address=None
            if ipv4 == (None, None, None)
            else Ipv4AddressResource(
                public_address=None if public is None else str(public),
                private_address=None if private is None else str(private),
                public_port=port,
            ),
            ipv6_address=None if device.ipv6_address is None else str(device.ipv6_address),
        )


class StatusResource(Resource):
    """What the event itself says, and nothing inferred."""

    connectivity: str | None = Field(
        default=None,
        description="`CONNECTED_DATA`, `CONNECTED_SMS`, `NOT_CONNECTED`, or `CONNECTED` where the "
        "sender did not say which.",
    )
    roaming: bool | None = None
    country_code: int | None = Field(
        default=None,
        description="As sent: a mobile country code, from some senders a calling code.",
    )
    country_name: list[str] | None = Field(
        default=None, description="As sent: ISO 3166 alpha-2 codes, from some senders names."
    )
    connected_network_type: str | None = Field(
        default=None, description="`2G`, `3G`, `4G`, `5G` or `UNKNOWN`."
    )
    termination_reason: str | None = None
    initiation_reason: str | None = None
    update_reason: str | None = None

    @classmethod
    def of(cls, status: Status) -> "StatusResource":
        names = status.country_name
        return cls(
            connectivity=status.connectivity,
            roaming=status.roaming,
            country_code=status.country_code,
            country_name=None if names is None else list(names),
            connected_network_type=status.connected_network_type,
            termination_reason=status.termination_reason,
            initiation_reason=status.initiation_reason,
            update_reason=status.update_reason,
        )


class EventResource(Resource):
    """One event of the history."""

    model_config = ConfigDict(json_schema_extra={"example": examples.EVENT})

    id: str = Field(description="Ours; opaque.")
    device_id: UUID
    kind: Kind
    name: str = Field(description="The last segment of `type`.")
    type: str = Field(description="CloudEvents `type` or legacy `eventType`, as sent.")
    source: str | None = None
    event_id: str | None = Field(default=None, description="The sender's.")
    form: Form
    subscription_id: str | None = None
    credential: str = Field(description="The name of the credential that sent it.")
    occurred_at: Time
    received_at: Time
    deliveries: int = Field(ge=1, description="How often the sender delivered it.")
    device: DeviceResource
    status: StatusResource
    findings: list[str] = Field(description="What the sender got wrong and we forgave, by name.")

    @classmethod
    def of(cls, event: StoredEvent) -> "EventResource":
        return cls(
            id=write_event_id(event.key),
            device_id=event.device_id,
            kind=Kind(event.kind),
            name=event.name,
            type=event.type,
            source=event.source,
            event_id=event.event_id,
            form=Form(event.form),
            subscription_id=event.subscription_id,
            credential=event.credential,
            occurred_at=event.occurred_at,
            received_at=event.received_at,
            deliveries=event.deliveries,
            device=DeviceResource.of(event.device),
            status=StatusResource.of(event.status),
            findings=list(event.findings),
        )


class LetterResource(EventResource):
    """One event with the notification it came in."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**examples.EVENT, "payload": examples.NOTIFICATION}}
    )

    payload: JsonValue = Field(description="The notification, to the letter.")

    @staticmethod
    def json_of(event: StoredEvent, letter: str) -> str:
        """The resource as JSON text, the letter set in as it is: parsing would change it."""
        known = EventResource.of(event).model_dump_json(by_alias=True, exclude_none=True)
        return f'{known[:-1]},"payload":{letter}}}'


class EventPage(Resource):
    """One page of events."""

    items: list[EventResource]
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; absent on the last one."
    )

    @classmethod
    def of(cls, events: Sequence[StoredEvent], next_cursor: str | None) -> "EventPage":
        return cls(items=[EventResource.of(event) for event in events], next_cursor=next_cursor)


class DeviceSummaryResource(Resource):
    """A device: its identifiers, its first and its last event by `occurredAt`."""

    device_id: UUID
    identifiers: list[DeviceResource] = Field(
        description="Each with one identifier, the latest first, at most 100."
    )
    first_event: EventResource
    last_event: EventResource

    @classmethod
    def of(cls, summary: DeviceSummary) -> "DeviceSummaryResource":
        return cls(
            device_id=summary.device_id,
            identifiers=[DeviceResource.of(device) for device in summary.identifiers],
            first_event=EventResource.of(summary.first_event),
            last_event=EventResource.of(summary.last_event),
        )
