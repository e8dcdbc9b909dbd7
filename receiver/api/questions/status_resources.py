"""The status of a device as JSON: on each axis a value, or that it is not known and why."""

from typing import Literal, Self, TypeVar
from uuid import UUID

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time
from receiver.api.questions import examples
from receiver.api.questions.resources import ConnectivityWord, NetworkTypeWord
from receiver.events.axes import Axis
from receiver.projection.status import NEVER_REPORTED, UnknownReason, find_country
from receiver.store.status.statuses import AxisStatus, DeviceStatus


class Value(Resource):
    """A value, and the events that say it."""

    value: bool | str
    since: Time = Field(description="When the value began.")
    confirmed_at: Time = Field(description="When the latest event that says it occurred.")
    event_id: str = Field(description="`id` of that event.")


class ConnectivityValue(Value):
    """Whether the network reaches the device."""

    value: ConnectivityWord


class RoamingValue(Value):
    """Whether the device roams; the country is left out where it is not known."""

    value: bool = Field(description="Whether it roams.")
    country_code: int | None = Field(
        default=None, description="While roaming, as sent: an MCC, or a calling code."
    )
    country_name: list[str] | None = Field(
        default=None, description="While roaming, as sent: ISO 3166 alpha-2 codes, or names."
    )


class NetworkTypeValue(Value):
    """The generation of the network to which the device is connected."""

    value: NetworkTypeWord


class Unknown(Resource):
    """Unknown is not false: nothing, or nobody any more, tells the value."""

    unknown: Literal[True] = Field(default=True, description="Always true; a value has none.")
    because: UnknownReason = Field(description="What makes it unknown.")
    at: Time | None = Field(default=None, description="Since when; absent: it never was known.")


class UnknownConnectivity(Unknown):
    """The network may reach the device or not."""

    last: ConnectivityValue | None = Field(default=None, description="What was known before.")


class UnknownRoaming(Unknown):
    """The device may roam or not."""

    last: RoamingValue | None = Field(default=None, description="What was known before.")


class UnknownNetworkType(Unknown):
    """The device may be connected to a network of any generation."""

    last: NetworkTypeValue | None = Field(default=None, description="What was known before.")


AnyValue = TypeVar("AnyValue", bound=Value)
AnyUnknown = TypeVar("AnyUnknown", bound=Unknown)


class DeviceStatusResource(Resource):
    """What is true of a device now."""

    model_config = ConfigDict(json_schema_extra={"example": examples.STATUS})

    device_id: UUID = Field(description="Which device.")
    as_of: Time = Field(description="Every event that was acknowledged before is in the answer.")
    connectivity: ConnectivityValue | UnknownConnectivity = Field(
        description="Whether the network reaches the device."
    )
    roaming: RoamingValue | UnknownRoaming = Field(
        description="Whether the device roams, and where."
    )
    network_type: NetworkTypeValue | UnknownNetworkType = Field(
        description="The network to which the device is connected."
    )
    last_event_at: Time = Field(description="When the latest event of any kind occurred.")

    @classmethod
    def of(cls, status: DeviceStatus) -> Self:
        axes = status.axes
        roaming = axes[Axis.ROAMING]
        return cls(
            device_id=status.device_id,
            as_of=status.as_of,
            connectivity=_answer(axes[Axis.CONNECTIVITY], ConnectivityValue, UnknownConnectivity),
            roaming=_answer(
                roaming,
                RoamingValue,
                UnknownRoaming,
                **_country(axes[Axis.COUNTRY], roaming),
            ),
            network_type=_answer(axes[Axis.NETWORK_TYPE], NetworkTypeValue, UnknownNetworkType),
            last_event_at=status.last_event_at,
        )


def _answer(
    found: AxisStatus, known: type[AnyValue], unknown: type[AnyUnknown], **more: object
) -> AnyValue | AnyUnknown:
    """Returns the value on an axis if it is known, and else what was known before."""
    latest, closing = found.answer.latest, found.answer.closing
    if latest is None:
        return unknown.model_validate({"because": NEVER_REPORTED})
    last = known.model_validate(
        {
            "value": latest.value,
            "since": found.since,
            "confirmed_at": latest.rank.at,
            "event_id": latest.event_id,
            **more,
        }
    )
    if closing is None:
        return last
    return unknown.model_validate({"because": closing.reason, "at": closing.at, "last": last})


def _country(country: AxisStatus, roaming: AxisStatus) -> dict[str, object]:
    """Returns the country of a device that roams, or roamed when that was last known."""
    told = find_country(country.answer, roaming.answer)
    if told is None:
        return {}
    return {"country_code": told.country_code, "country_name": told.country_name}
