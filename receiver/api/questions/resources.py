"""A device and a status as JSON; imports no store, so that `receiver check` stays light."""

from typing import Annotated

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, open_words
from receiver.api.questions import examples
from receiver.events.event import Device, Status
from receiver.events.families.connectivity import CONNECTIVITIES
from receiver.events.families.network_type import NETWORK_TYPES
from receiver.events.families.subscription import (
    INITIATION_REASONS,
    TERMINATION_REASONS,
    UPDATE_REASONS,
)

ConnectivityWord = Annotated[
    str,
    open_words(
        "By what the network reaches the device; `CONNECTED` where the sender did not say.",
        CONNECTIVITIES,
    ),
]
NetworkTypeWord = Annotated[str, open_words("The generation of the network.", NETWORK_TYPES)]


class Ipv4AddressResource(Resource):
    """CAMARA's `DeviceIpv4Addr`."""

    public_address: str | None = Field(
        default=None, description="As the internet sees the device; in a question it is required."
    )
    private_address: str | None = Field(
        default=None, description="As the device knows itself behind a translation of addresses."
    )
    public_port: int | None = Field(
        default=None, ge=1, le=65535, description="The port that the translation gave it."
    )


class DeviceResource(Resource):
    """CAMARA's `Device`: in an answer the identifiers that were reported, normalised; in a question
    one of them or more, in any notation, of which the first of phoneNumber,
    networkAccessIdentifier, ipv6Address, ipv4Address is used."""

    model_config = ConfigDict(json_schema_extra={"example": examples.PHONE})

    phone_number: str | None = Field(default=None, description="`+` and digits.")
    network_access_identifier: str | None = Field(
        default=None, description="`user@realm`, the realm in lower case."
    )
    ipv4_address: Ipv4AddressResource | None = Field(
        default=None, description="With the port, where an address is shared."
    )
    ipv6_address: str | None = Field(default=None, description="One address, no prefix.")

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
    """The status that the event itself reports; nothing is inferred."""

    connectivity: ConnectivityWord | None = None
    roaming: bool | None = Field(default=None, description="Whether the device roams.")
    country_code: int | None = Field(
        default=None,
        description="As sent: a mobile country code, from some senders a calling code.",
    )
    country_name: list[str] | None = Field(
        default=None, description="As sent: ISO 3166 alpha-2 codes, from some senders names."
    )
    connected_network_type: NetworkTypeWord | None = None
    termination_reason: (
        Annotated[str, open_words("Why the subscription ended.", TERMINATION_REASONS)] | None
    ) = None
    initiation_reason: (
        Annotated[str, open_words("Why the subscription started.", INITIATION_REASONS)] | None
    ) = None
    update_reason: (
        Annotated[str, open_words("What the subscription became.", UPDATE_REASONS)] | None
    ) = None
    termination_description: str | None = Field(
        default=None,
        description="Why it ended, in the sender's words; at most 1024 characters.",
    )
    initiation_description: str | None = Field(
        default=None, description="Why it started, likewise."
    )
    update_description: str | None = Field(default=None, description="How it changed, likewise.")

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
            termination_description=status.termination_description,
            initiation_description=status.initiation_description,
            update_description=status.update_description,
        )
