"""The filters and identifiers of a question, and the `Selection` that they mean."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from receiver.api.paging import VALUES_MAX, PageQuestion, Question, Text, Texts, TimeFilter, as_list
from receiver.api.questions import examples
from receiver.errors import InvalidArgument
from receiver.events.devices import identifiers
from receiver.events.event import Device, Kind
from receiver.events.registry import list_synonyms
from receiver.store.connections.keyset import Order
from receiver.store.events.selection import Selection

Kinds = Annotated[list[Kind], BeforeValidator(as_list), Field(max_length=VALUES_MAX)]


class EventFilters(PageQuestion):
    """Asks for a page of events; a repeated filter means *or*."""

    type: Texts = Field(default=[], description="The sender's type, whole.")
    kind: Kinds = Field(default=[], description="What the events are about.")
    name: Texts = Field(
        default=[],
        description="Event name. `subscription-ends` and `subscription-ended` mean the same, "
        "`connectivity-…` and `reachability-…` too.",
    )
    source: Texts = Field(default=[], description="The sender's source.")
    credential: Texts = Field(default=[], description="The name of the sending credential.")
    subscription_id: Texts = Field(default=[], description="The subscription.")
    finding: Texts = Field(default=[], description="A name of `docs/findings.md`.")
    occurred_from: TimeFilter | None = Field(default=None, description="Inclusive.")
    occurred_to: TimeFilter | None = Field(default=None, description="Exclusive.")
    received_from: TimeFilter | None = Field(default=None, description="Inclusive.")
    received_to: TimeFilter | None = Field(default=None, description="Exclusive.")
    order: Order = Field(default="desc", description="By `occurredAt`; of `/events`, by arrival.")

    def select(self, device_id: UUID | None, reported: Device | None) -> Selection:
        """Returns the events that pass the filters: of a device, of an identifier, or of all."""
        return Selection(
            device_id=device_id,
            reported=reported,
            types=self.type,
            kinds=self.kind,
            names=[same for name in self.name for same in list_synonyms(name)],
            sources=self.source,
            credentials=self.credential,
            subscription_ids=self.subscription_id,
            findings=self.finding,
            occurred_from=self.occurred_from,
            occurred_to=self.occurred_to,
            received_from=self.received_from,
            received_to=self.received_to,
        )


def _read_by(read: Callable[[str], Any]) -> AfterValidator:
    """Returns a validator that writes an identifier as `read` understands it."""

    def validate(text: str) -> str:
        value = read(text)
        if value is None:
            raise ValueError("not an identifier of this kind")
        return str(value)

    return AfterValidator(validate)


class Ipv4Question(Question):
    """CAMARA's `DeviceIpv4Addr`; every member given must be in the event."""

    public_address: Annotated[Text, _read_by(identifiers.parse_ipv4_address)]
    private_address: Annotated[Text, _read_by(identifiers.parse_ipv4_address)] | None = None
    public_port: int | None = Field(default=None, ge=1, le=65535)


class DeviceQuestion(Question):
    """CAMARA's `Device`. Of several identifiers the first in this order is used."""

    phone_number: Annotated[Text, _read_by(identifiers.normalise_phone_number)] | None = None
    network_access_identifier: (
        Annotated[Text, _read_by(identifiers.normalise_network_access_identifier)] | None
    ) = None
    ipv6_address: Annotated[Text, _read_by(identifiers.parse_ipv6_address)] | None = None
    ipv4_address: Ipv4Question | None = None

    @model_validator(mode="after")
    def _require_identifier(self) -> "DeviceQuestion":
        if not self.model_fields_set or all(
            getattr(self, name) is None for name in self.model_fields_set
        ):
            raise ValueError("needs an identifier")
        return self

    def choose_identifier(self) -> Device:
        """Returns the one identifier that decides."""
        if self.phone_number is not None:
            return Device(phone_number=self.phone_number)
        if self.network_access_identifier is not None:
            return Device(network_access_identifier=self.network_access_identifier)
        if self.ipv6_address is not None:
            return Device(ipv6_address=IPv6Address(self.ipv6_address))
        ipv4 = self.ipv4_address
        if ipv4 is None:
            raise InvalidArgument("device: needs an identifier")
        return Device(
            ipv4_public_address=IPv4Address(ipv4.public_address),
            ipv4_private_address=None
            if ipv4.private_address is None
            else IPv4Address(ipv4.private_address),
            ipv4_public_port=ipv4.public_port,
        )


class RetrieveDevice(Question):
    """Asks for a device."""

    model_config = ConfigDict(json_schema_extra={"example": examples.RETRIEVE_DEVICE})

    device: DeviceQuestion


class RetrieveStatus(Question):
    """Asks for the status of a device."""

    model_config = ConfigDict(json_schema_extra={"example": examples.RETRIEVE_DEVICE})

    device: DeviceQuestion


class RetrieveEvents(EventFilters):
    """Asks for a page of the events of a device."""

    model_config = ConfigDict(json_schema_extra={"example": examples.RETRIEVE_EVENTS})

    device: DeviceQuestion
