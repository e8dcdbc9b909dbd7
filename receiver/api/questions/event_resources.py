"""Events and devices as JSON, from rows of the history."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time
from receiver.api.paging import Page
from receiver.api.questions import examples
from receiver.api.questions.resources import DeviceResource, StatusResource
from receiver.events.event import Device, Form, Kind
from receiver.events.examples import NOTIFICATION
from receiver.store.events.keys import write_event_id
from receiver.store.events.stored_event import StoredEvent
from receiver.store.events.summaries import DeviceSummary


class EventResource(Resource):
    """One event of the history."""

    model_config = ConfigDict(json_schema_extra={"example": examples.EVENT})

    id: str = Field(description="Ours; opaque.")
    device_id: UUID = Field(description="Which device.")
    kind: Kind = Field(description="The subject.")
    name: str = Field(description="The last segment of `type`.")
    type: str = Field(description="CloudEvents `type` or legacy `eventType`, as sent.")
    source: str | None = Field(default=None, description="CloudEvents `source`, as sent.")
    event_id: str | None = Field(default=None, description="The sender's.")
    form: Form = Field(description="The wrapping in which it was sent.")
    subscription_id: str | None = Field(default=None, description="The sender's.")
    credential: str = Field(description="The name of the credential that sent it.")
    occurred_at: Time = Field(description="By the sender's clock.")
    received_at: Time = Field(description="By our clock, at its first delivery.")
    deliveries: int = Field(ge=1, description="How often the sender delivered it.")
    device: DeviceResource = Field(description="The identifiers that the event itself reports.")
    status: StatusResource = Field(description="What the event itself says; may be empty.")
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


class EventWithPayload(EventResource):
    """One event with the notification it came in."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**examples.EVENT, "payload": NOTIFICATION}}
    )

    payload: Any = Field(description="The notification, to the letter.")

    @staticmethod
    def write_json(event: StoredEvent, payload: str) -> str:
        """Returns the resource as JSON text with the payload as it is: parsing would change it."""
        members = EventResource.of(event).model_dump_json(by_alias=True, exclude_none=True)
        return f'{members[:-1]},"payload":{payload}}}'


class EventPage(Page[EventResource]):
    """One page of events."""


class DeviceSummaryResource(Resource):
    """A device: its identifiers, its first and its last event by `occurredAt`."""

    model_config = ConfigDict(json_schema_extra={"example": examples.DEVICE_SUMMARY})

    device_id: UUID = Field(description="Which device.")
    identifiers: list[DeviceResource] = Field(
        description="Each with one identifier, the latest reported first, at most 100; then those "
        "with which it was registered."
    )
    first_event: EventResource | None = Field(
        default=None, description="The earliest by `occurredAt`; absent: none is kept."
    )
    last_event: EventResource | None = Field(
        default=None, description="The latest by `occurredAt`; absent: none is kept."
    )

    @classmethod
    def of(
        cls, summary: DeviceSummary, registered: Sequence[Device] = ()
    ) -> "DeviceSummaryResource":
        """Makes the resource of a device that was perhaps registered with identifiers too."""
        told = [device for device in registered if device not in summary.identifiers]
        return cls(
            device_id=summary.device_id,
            identifiers=[DeviceResource.of(device) for device in (*summary.identifiers, *told)],
            first_event=_write_event(summary.first_event),
            last_event=_write_event(summary.last_event),
        )


def _write_event(event: StoredEvent | None) -> EventResource | None:
    return None if event is None else EventResource.of(event)
