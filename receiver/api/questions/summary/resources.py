"""The counts of the fleet as JSON."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

from pydantic import ConfigDict, Field

from receiver.api.answers.resource import Resource, Time
from receiver.api.questions.resources import ConnectivityWord, NetworkTypeWord
from receiver.store.fleet.counts import CountryCount, FleetCounts

# Values of one part that are counted each; a fleet has a few connectivities and network types, and
# devices in some two hundred countries.
VALUES_LIMIT = 300

SUMMARY: dict[str, Any] = {
    "asOf": "2026-04-17T09:12:40.201733Z",
    "devices": 301,
    "connectivity": {
        "values": [
            {"value": "CONNECTED_DATA", "devices": 126},
            {"value": "NOT_CONNECTED", "devices": 35},
            {"value": "CONNECTED_SMS", "devices": 32},
        ],
        "unknown": 108,
    },
    "roaming": {"roaming": 176, "atHome": 104, "unknown": 21},
    "country": {
        "values": [
            {"countryCode": 222, "countryName": ["IT"], "devices": 98},
            {"countryCode": 208, "countryName": ["FR"], "devices": 70},
        ],
        "unknown": 29,
    },
    "networkType": {"values": [{"value": "4G", "devices": 201}], "unknown": 100},
    "heard": {"lastHour": 259, "lastDay": 290},
}


class ValueCount(Resource):
    """The devices of one value."""

    value: str
    devices: int = Field(ge=1, description="How many have it.")


class ConnectivityCount(ValueCount):
    """The devices that the network reaches in one way, or not."""

    value: ConnectivityWord


class NetworkTypeCount(ValueCount):
    """The devices on networks of one generation."""

    value: NetworkTypeWord


class CountryCountResource(Resource):
    """The devices that roam in one country."""

    country_code: int | None = Field(
        default=None, description="As sent: an MCC, or a calling code."
    )
    country_name: list[str] | None = Field(
        default=None, description="As sent: ISO 3166 alpha-2 codes, or names."
    )
    devices: int = Field(ge=1, description="How many roam there.")


class Counts(Resource):
    """The devices by one part of their status."""

    others: int | None = Field(
        default=None,
        ge=1,
        description=f"Devices with further values; absent: there are at most {VALUES_LIMIT}.",
    )
    unknown: int = Field(ge=0, description="Devices of which it is not known.")


class ConnectivityCounts(Counts):
    """The devices by connectivity."""

    values: list[ConnectivityCount] = Field(description="The most devices first.")


class NetworkTypeCounts(Counts):
    """The devices by network type."""

    values: list[NetworkTypeCount] = Field(description="The most devices first.")


class CountryCounts(Counts):
    """The devices that roam, by the country as their events name it."""

    values: list[CountryCountResource] = Field(
        description="The most devices first. What senders name differently, such as with a code "
        "and without, is counted apart."
    )
    unknown: int = Field(
        ge=0, description="Devices that roam, or may roam, nobody knows where: `unknown=country`."
    )


class RoamingCounts(Resource):
    """The devices by whether they roam."""

    roaming: int = Field(ge=0, description="Devices that are known to roam.")
    at_home: int = Field(ge=0, description="Devices that are known not to roam.")
    unknown: int = Field(ge=0, description="Devices of which it is not known.")


class HeardFrom(Resource):
    """The devices by the time of their latest event."""

    last_hour: int = Field(ge=0, description="Of the hour before `asOf`.")
    last_day: int = Field(ge=0, description="Of the 24 hours before `asOf`.")


AnyCount = TypeVar("AnyCount", bound=ValueCount)


class FleetSummaryResource(Resource):
    """How many devices have which value now."""

    model_config = ConfigDict(json_schema_extra={"example": SUMMARY})

    as_of: Time = Field(description="Every event that was acknowledged before is counted.")
    devices: int = Field(ge=0, description="All of them.")
    connectivity: ConnectivityCounts = Field(description="Whether the network reaches them.")
    roaming: RoamingCounts = Field(description="Whether they roam.")
    country: CountryCounts = Field(description="Where they roam.")
    network_type: NetworkTypeCounts = Field(description="To which networks they are connected.")
    heard: HeardFrom = Field(description="How long they are silent.")

    @classmethod
    def of(cls, counts: FleetCounts) -> "FleetSummaryResource":
        roams, at_home = counts.roaming[True], counts.roaming[False]
        located = sum(country.devices for country in counts.countries)
        return cls(
            as_of=counts.as_of,
            devices=counts.devices,
            connectivity=ConnectivityCounts(
                values=_list(ConnectivityCount, counts.connectivity),
                others=_sum_others(counts.connectivity.values()),
                unknown=counts.devices - sum(counts.connectivity.values()),
            ),
            roaming=RoamingCounts(
                roaming=roams, at_home=at_home, unknown=counts.devices - roams - at_home
            ),
            country=CountryCounts(
                values=[_present(country) for country in counts.countries[:VALUES_LIMIT]],
                others=_sum_others(country.devices for country in counts.countries),
                unknown=counts.devices - at_home - located,
            ),
            network_type=NetworkTypeCounts(
                values=_list(NetworkTypeCount, counts.network_types),
                others=_sum_others(counts.network_types.values()),
                unknown=counts.devices - sum(counts.network_types.values()),
            ),
            heard=HeardFrom(last_hour=counts.last_hour, last_day=counts.last_day),
        )


def _list(resource: type[AnyCount], counts: Mapping[str, int]) -> list[AnyCount]:
    """Returns the values with the most devices."""
    found = islice(counts.items(), VALUES_LIMIT)
    return [resource(value=value, devices=devices) for value, devices in found]


def _sum_others(counts: Iterable[int]) -> int | None:
    """Returns the devices of the values that are not listed; None: all are."""
    return sum(islice(counts, VALUES_LIMIT, None)) or None


def _present(country: CountryCount) -> CountryCountResource:
    return CountryCountResource(
        country_code=country.code,
        country_name=None if country.names is None else list(country.names),
        devices=country.devices,
    )
