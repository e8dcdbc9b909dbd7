"""Answers about devices: identifiers, their status now, the fleet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from receiver.client.answers.events import Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Connectivity:
    """By what the network reaches the device.

    Unknown is not false: `value` is None then, `because` says why, `at` since when, and `last` is
    what was known before.
    """

    value: str | None = None
    since: datetime | None = None
    confirmed_at: datetime | None = None
    event_id: str | None = None
    unknown: bool = False
    because: str | None = None
    at: datetime | None = None
    last: "Connectivity | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roaming:
    """Whether the device roams; the country, while it roams and the country is known.

    Unknown is not false: `value` is None then, `because` says why, `at` since when, and `last` is
    what was known before.
    """

    value: bool | None = None
    since: datetime | None = None
    confirmed_at: datetime | None = None
    event_id: str | None = None
    country_code: int | None = None
    country_name: tuple[str, ...] | None = None
    unknown: bool = False
    because: str | None = None
    at: datetime | None = None
    last: "Roaming | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkType:
    """The generation of the network to which the device is connected.

    Unknown is not false: `value` is None then, `because` says why, `at` since when, and `last` is
    what was known before.
    """

    value: str | None = None
    since: datetime | None = None
    confirmed_at: datetime | None = None
    event_id: str | None = None
    unknown: bool = False
    because: str | None = None
    at: datetime | None = None
    last: "NetworkType | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """What is true of a device now."""

    device_id: UUID
    as_of: datetime
    connectivity: Connectivity
    roaming: Roaming
    network_type: NetworkType
    last_event_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetItem(DeviceStatus):
    """A device of the fleet with its status."""

    device: Device | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPage:
    """One page of the fleet."""

    items: tuple[FleetItem, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectivityCount:
    """The devices that the network reaches in one way, or not."""

    value: str
    devices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectivityCounts:
    """The devices by connectivity."""

    others: int | None = None
    unknown: int
    values: tuple[ConnectivityCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryCount:
    """The devices that roam in one country."""

    country_code: int | None = None
    country_name: tuple[str, ...] | None = None
    devices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryCounts:
    """The devices that roam, by the country as their events name it."""

    others: int | None = None
    unknown: int
    values: tuple[CountryCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkTypeCount:
    """The devices on networks of one generation."""

    value: str
    devices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkTypeCounts:
    """The devices by network type."""

    others: int | None = None
    unknown: int
    values: tuple[NetworkTypeCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoamingCounts:
    """The devices by whether they roam."""

    roaming: int
    at_home: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardFrom:
    """The devices by the time of their latest event."""

    last_hour: int
    last_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSummary:
    """How many devices have which value now."""

    as_of: datetime
    devices: int
    connectivity: ConnectivityCounts
    roaming: RoamingCounts
    country: CountryCounts
    network_type: NetworkTypeCounts
    heard: HeardFrom
