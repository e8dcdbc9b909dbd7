"""The bodies of retrieve calls, as the releases of CAMARA describe them.

Up to Commonalities r4.2 a member that nobody declared is left out; since r4.3 it is refused. A
member that is null counts as absent, as in every other question.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from receiver.api.answers.faults import expected
from receiver.api.answers.resource import Resource
from receiver.api.paging import Question, Text
from receiver.errors import IdentifierMissing
from receiver.events.devices import identifiers
from receiver.events.event import Device

NEEDS_IDENTIFIER = "needs one of phoneNumber, networkAccessIdentifier, ipv6Address and ipv4Address"
NEEDS_MORE = "needs privateAddress or publicPort beside publicAddress"

# In the order in which they decide.
MEMBERS = ("phone_number", "network_access_identifier", "ipv6_address", "ipv4_address")

EXAMPLE: dict[str, Any] = {"phoneNumber": "+99999991000"}


def _require(read: Callable[[str], object], sentence: str) -> AfterValidator:
    """Returns a validator that keeps a text as it was sent if it can be read.

    Args:
        read: raises ValueError, or returns None, for a text that cannot be.
    """

    def validate(text: str) -> str:
        try:
            is_read = read(text) is not None
        except ValueError:
            is_read = False
        if not is_read:
            raise expected(sentence)
        return text

    return AfterValidator(validate)


def _read_ipv6_address(text: str) -> IPv6Address | None:
    # A scope belongs to one machine, and to no schema.
    return None if "%" in text else IPv6Address(text)


PhoneNumber = Annotated[
    str,
    Field(pattern=r"^\+[1-9][0-9]{4,14}$"),
    _require(identifiers.normalise_phone_number, "must be a phone number: + and digits"),
]
EarlyPhoneNumber = Annotated[
    str,
    Field(pattern=r"^\+?[0-9]{5,15}$"),
    _require(
        identifiers.normalise_phone_number,
        "must be a phone number: digits, the country code first",
    ),
]
NetworkAccessIdentifier = Annotated[
    Text,
    _require(
        identifiers.normalise_network_access_identifier,
        "must be a network access identifier, such as user@example.com",
    ),
]
Ipv4Text = Annotated[
    Text,
    _require(IPv4Address, "must be an IPv4 address"),
    Field(json_schema_extra={"format": "ipv4"}),
]
Ipv6Text = Annotated[
    Text,
    _require(_read_ipv6_address, "must be an IPv6 address"),
    Field(json_schema_extra={"format": "ipv6"}),
]


class TolerantBody(Question):
    """Leaves out what nobody declared."""

    model_config = ConfigDict(extra="ignore")


class DeviceIpv4Addr(TolerantBody):
    """An IPv4 address that the internet sees, and what tells the devices behind it apart."""

    public_address: Ipv4Text = Field(description="As the internet sees the device.")
    private_address: Ipv4Text | None = Field(
        default=None, description="As the device knows itself behind a translation of addresses."
    )
    public_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        # Neither a text nor a truth is a number.
        strict=True,
        description="The port that the translation gave it.",
    )

    @model_validator(mode="after")
    def _require_more(self) -> "DeviceIpv4Addr":
        if self.private_address is None and self.public_port is None:
            raise expected(NEEDS_MORE)
        return self


class DeviceResponse(Resource):
    """The one identifier that decided, as the request has it."""

    model_config = ConfigDict(
        json_schema_extra={"minProperties": 1, "maxProperties": 1, "example": EXAMPLE}
    )

    phone_number: str | None = Field(default=None, description="`+` and digits.")
    network_access_identifier: str | None = Field(default=None, description="`user@realm`.")
    ipv4_address: DeviceIpv4Addr | None = Field(default=None, description="As it was asked for.")
    ipv6_address: str | None = Field(default=None, description="One address, no prefix.")


class CamaraDevice(TolerantBody):
    """CAMARA's `Device`. Of several identifiers the first of phoneNumber, networkAccessIdentifier,
    ipv6Address, ipv4Address is used."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    phone_number: PhoneNumber | None = Field(default=None, description="`+` and digits.")
    network_access_identifier: NetworkAccessIdentifier | None = Field(
        default=None, description="`user@realm`."
    )
    ipv4_address: DeviceIpv4Addr | None = Field(
        default=None, description="With the port, or with the private address."
    )
    ipv6_address: Ipv6Text | None = Field(default=None, description="One address, no prefix.")

    @model_validator(mode="after")
    def _require_identifier(self) -> "CamaraDevice":
        if all(getattr(self, name) is None for name in MEMBERS):
            raise expected(NEEDS_IDENTIFIER)
        return self

    def choose(self) -> DeviceResponse:
        """Returns the one identifier that decides."""
        name = next(name for name in MEMBERS if getattr(self, name) is not None)
        return DeviceResponse.model_validate({name: getattr(self, name)})


class EarlyDevice(CamaraDevice):
    """CAMARA's `Device` before release 0.6, when the plus of a phone number was optional."""

    phone_number: EarlyPhoneNumber | None = Field(
        default=None, description="Digits; the plus before them may be left out."
    )


class StrictIpv4Addr(DeviceIpv4Addr):
    """CAMARA's `DeviceIpv4Addr` since Commonalities r4.3: it has no other member."""

    model_config = ConfigDict(extra="forbid")


class StrictDevice(CamaraDevice):
    """CAMARA's `Device` since Commonalities r4.3: it has no other member."""

    model_config = ConfigDict(extra="forbid")

    ipv4_address: StrictIpv4Addr | None = Field(
        default=None, description="With the port, or with the private address."
    )


class RetrieveRequest(TolerantBody):
    """Names a device; no token of this service stands for one, so that it is needed."""

    model_config = ConfigDict(json_schema_extra={"example": {"device": EXAMPLE}})

    device: CamaraDevice | None = Field(
        default=None, description="The device, by one identifier or more."
    )

    def choose(self) -> DeviceResponse:
        """Returns the one identifier that decides.

        Raises:
            IdentifierMissing: there is no device.
        """
        if self.device is None:
            raise IdentifierMissing("The device cannot be identified.")
        return self.device.choose()


class EarlyRequest(RetrieveRequest):
    """Names a device, as the releases before 0.6 and 0.6.0-alpha.1 require."""

    device: EarlyDevice = Field(description="The device, by one identifier or more.")


class StrictRequest(RetrieveRequest):
    """Names a device, and has no other member (Commonalities r4.3)."""

    model_config = ConfigDict(extra="forbid")

    device: StrictDevice | None = Field(
        default=None, description="The device, by one identifier or more."
    )


def read_identifier(chosen: DeviceResponse) -> Device:
    """Returns an identifier as events have it: normalised."""
    number, nai = chosen.phone_number, chosen.network_access_identifier
    ipv4, ipv6 = chosen.ipv4_address, chosen.ipv6_address
    private = None if ipv4 is None else ipv4.private_address
    return Device(
        phone_number=None if number is None else identifiers.normalise_phone_number(number),
        network_access_identifier=None
        if nai is None
        else identifiers.normalise_network_access_identifier(nai),
        ipv4_public_address=None if ipv4 is None else IPv4Address(ipv4.public_address),
        ipv4_private_address=None if private is None else IPv4Address(private),
        ipv4_public_port=None if ipv4 is None else ipv4.public_port,
        ipv6_address=None if ipv6 is None else IPv6Address(ipv6),
    )
