"""The filters and identifiers of a question, and the `Selection` that they mean."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from receiver.api.answers.faults import expected
from receiver.api.paging import VALUES_MAX, PageQuestion, Question, Text, Texts, TimeFilter, as_list
from receiver.api.questions import examples
from receiver.api.questions.resources import DeviceResource
from receiver.errors import InvalidArgument
from receiver.events.devices import identifiers
from receiver.events.event import Device, Kind
from receiver.events.findings import Finding
from receiver.events.registry import list_synonyms
from receiver.store.connections.keyset import Order
from receiver.store.events.selection import Selection

Kinds = Annotated[list[Kind], BeforeValidator(as_list), Field(max_length=VALUES_MAX)]
Findings = Annotated[list[Finding], BeforeValidator(as_list), Field(max_length=VALUES_MAX)]


class EventConditions(Question):
    """Chooses events; a repeated filter means *or*."""

    type: Texts = Field(default=[], description="The sender's type, whole.")
    kind: Kinds = Field(default=[], description="The subject of the events.")
    name: Texts = Field(
        default=[],
        description="Event name, also one that the service does not know. `subscription-ends` and "
        "`subscription-ended` mean the same, `connectivity-…` and `reachability-…` too.",
    )
    source: Texts = Field(default=[], description="The sender's source.")
    credential: Texts = Field(default=[], description="The name of the sending credential.")
    subscription_id: Texts = Field(default=[], description="The subscription.")
    finding: Findings = Field(default=[], description="A fault of the sender's, by its name.")
    occurred_from: TimeFilter | None = Field(default=None, description="Inclusive.")
    occurred_to: TimeFilter | None = Field(default=None, description="Exclusive.")
    received_from: TimeFilter | None = Field(default=None, description="Inclusive.")
    received_to: TimeFilter | None = Field(default=None, description="Exclusive.")

    def select(self, device_id: UUID | None = None, reported: Device | None = None) -> Selection:
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


class EventFilters(EventConditions, PageQuestion):
    """Asks for a page of events; a repeated filter means *or*."""

    order: Order = Field(default="desc", description="By `occurredAt`; of `/events`, by arrival.")


def _read_by(read: Callable[[str], Any], sentence: str) -> AfterValidator:
    """Returns a validator that writes an identifier as `read` understands it.

    Args:
        sentence: says what is expected.
    """

    def validate(text: str) -> str:
        value = read(text)
        if value is None:
            raise expected(sentence)
        return str(value)

    return AfterValidator(validate)


NEEDS_IDENTIFIER = "needs one of phoneNumber, networkAccessIdentifier, ipv6Address and ipv4Address"
PhoneNumber = Annotated[
    Text,
    _read_by(
        identifiers.normalise_phone_number,
        "must be a phone number: + and digits, the country code first",
    ),
]
NetworkAccessIdentifier = Annotated[
    Text,
    _read_by(
        identifiers.normalise_network_access_identifier,
        "must be a network access identifier, such as user@example.com",
    ),
]
Ipv4Text = Annotated[Text, _read_by(identifiers.parse_ipv4_address, "must be an IPv4 address")]
Ipv6Text = Annotated[Text, _read_by(identifiers.parse_ipv6_address, "must be an IPv6 address")]


class Ipv4Question(Question):
    """CAMARA's `DeviceIpv4Addr`; every member given must be in the event."""

    public_address: Ipv4Text
    private_address: Ipv4Text | None = None
    public_port: int | None = Field(default=None, ge=1, le=65535)


class DeviceQuestion(Question):
    """CAMARA's `Device`. Of several identifiers the first in this order is used."""

    phone_number: PhoneNumber | None = None
    network_access_identifier: NetworkAccessIdentifier | None = None
    ipv6_address: Ipv6Text | None = None
    ipv4_address: Ipv4Question | None = None

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describes it as the device of an answer: one idea is one schema."""
        return handler(DeviceResource.__pydantic_core_schema__)

    @model_validator(mode="after")
    def _require_identifier(self) -> "DeviceQuestion":
        if not self.model_fields_set or all(
            getattr(self, name) is None for name in self.model_fields_set
        ):
            raise expected(NEEDS_IDENTIFIER)
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
            raise InvalidArgument(f"device: {NEEDS_IDENTIFIER}")
        return Device(
            ipv4_public_address=IPv4Address(ipv4.public_address),
            ipv4_private_address=None
            if ipv4.private_address is None
            else IPv4Address(ipv4.private_address),
            ipv4_public_port=ipv4.public_port,
        )


class RetrieveDevice(Question):
    """Names a device by an identifier; of several the strongest is used."""

    model_config = ConfigDict(json_schema_extra={"example": examples.RETRIEVE_DEVICE})

    device: DeviceQuestion = Field(description="The device, by one identifier or more.")


class RetrieveEvents(EventFilters):
    """Asks for a page of the events of a device."""

    model_config = ConfigDict(json_schema_extra={"example": examples.RETRIEVE_EVENTS})

    device: DeviceQuestion = Field(description="The device, by one identifier or more.")
