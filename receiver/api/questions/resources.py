"""A device and a status as JSON; imports no store, so that `receiver check` stays light."""

from pydantic import Field

from receiver.api.answers.resource import Resource
from receiver.events.event import Device, Status


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
    """The status that the event itself reports; nothing is inferred."""

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
    termination_description: str | None = Field(
        default=None,
        description="Why it ended, in the sender's words; at most 1024 characters.",
    )
    initiation_description: str | None = Field(
        default=None, description="Why it started, as above."
    )
    update_description: str | None = Field(default=None, description="How it changed, as above.")

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
