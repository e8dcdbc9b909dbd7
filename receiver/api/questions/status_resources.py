"""The status of a device as JSON: on each axis a value, or that it is not known and why."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import orjson
from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time, write_time
from receiver.api.questions import examples
from receiver.api.questions.resources import ConnectivityWord, NetworkTypeWord
from receiver.events.axes import TRUE, Axis
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


def write_status(status: DeviceStatus, **more: object) -> bytes:
    """Returns a `DeviceStatusResource` as JSON, in a third of the time that the model takes.

    Args:
        more: members behind its own.
    """
    axes = status.axes
    roaming = axes[Axis.ROAMING]
    told = roaming.answer.latest
    is_roaming = told is not None and told.value == TRUE
    return orjson.dumps(
        {
            "deviceId": status.device_id,
            "asOf": _time(status.as_of),
            "connectivity": _write(axes[Axis.CONNECTIVITY], _value_of(axes[Axis.CONNECTIVITY])),
            "roaming": _write(roaming, is_roaming, **_country(axes[Axis.COUNTRY], roaming)),
            "networkType": _write(axes[Axis.NETWORK_TYPE], _value_of(axes[Axis.NETWORK_TYPE])),
            "lastEventAt": _time(status.last_event_at),
            **more,
        },
        option=orjson.OPT_UTC_Z,
    )


def _time(time: datetime) -> object:
    """Returns a time as `write_time` has it, or as orjson writes the same in a tenth of the time.

    It leaves microseconds out where there are none.
    """
    return time if time.microsecond and time.tzinfo is UTC else write_time(time)


def _value_of(found: AxisStatus) -> str | None:
    latest = found.answer.latest
    return None if latest is None else latest.value


def _write(found: AxisStatus, value: object, **more: object) -> dict[str, object]:
    """Returns the value on an axis if it is known, and else what was known before."""
    latest, closing = found.answer.latest, found.answer.closing
    if latest is None or found.since is None:
        return {"unknown": True, "because": NEVER_REPORTED}
    last = {
        "value": value,
        "since": _time(found.since),
        "confirmedAt": _time(latest.rank.at),
        "eventId": latest.event_id,
        **more,
    }
    if closing is None:
        return last
    at = _time(closing.at)
    return {"unknown": True, "because": closing.reason, "at": at, "last": last}


def _country(country: AxisStatus, roaming: AxisStatus) -> dict[str, object]:
    """Returns the country of a device that roams, or roamed when that was last known."""
    told = find_country(country.answer, roaming.answer)
    if told is None:
        return {}
    found = {"countryCode": told.country_code, "countryName": told.country_name}
    return {name: value for name, value in found.items() if value is not None}
