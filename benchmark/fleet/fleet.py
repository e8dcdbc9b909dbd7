"""The fleet that facts are about: its size, and what each device reports and is called.

A few devices have most of the events: the busiest of 200,000 has one in two hundred, and of the
others the first ones have most. Where every event has a device of its own, none has more than one.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

from benchmark.load.contents import phone_number
from benchmark.machine.postgres import ask_value, connect
from receiver.events.devices.identity import identify_reported
from receiver.events.event import Device
from receiver.store.schema.partitions import later

MONTHS = 6
BUSIEST = 0
# Of five devices one reports a network access identifier, and one an address behind a NAT; of ten,
# one an IPv6 address. The numbers tell which.
NAI, IPV4, IPV6 = 1, 2, 3
IPV4_BASE, IPV6_BASE = IPv4Address("198.18.0.0"), IPv6Address("2001:db8::")
DEVICES_OF_A_NAT = 500
FIRST_PORT, PORTS = 1024, 60_000
USUAL, SECOND, RARE = "benchmark", "benchmark-second", "benchmark-rare"
FINDING, RARE_FINDING = "phone-number-without-plus", "byte-order-mark"
# A page of 50 of what is rare looks at a million events.
RARE_EVERY = 20_000
NAMESPACE = "SELECT namespace FROM installation"


@dataclass(frozen=True, slots=True)
class Shape:
    """How many events, of how many devices.

    Attributes:
        is_even: whether every device has as many events.
    """

    events: int
    devices: int
    is_even: bool = False

    @property
    def title(self) -> str:
        """For a reader."""
        if not self.events:
            return "empty"
        return f"{_short(self.events)} of {_short(self.devices)} devices"


@dataclass(frozen=True)
class Fleet:
    """A fleet in one database.

    Attributes:
        namespace: of the database's device ids.
        end: when its latest event arrived.
    """

    shape: Shape
    namespace: UUID
    end: datetime

    @property
    def begin(self) -> datetime:
        """When its first event arrived: at the beginning of a month."""
        first = later(self.end.date().replace(day=1), 1 - MONTHS)
        return datetime(first.year, first.month, 1, tzinfo=UTC)

    @property
    def step(self) -> timedelta:
        """From one arrival to the next."""
        return (self.end - self.begin) // max(1, self.shape.events)

    @cached_property
    def ids(self) -> Sequence[UUID]:
        """The ids of the devices, by their numbers."""
        return [
            UUID(identify_reported(self.namespace, Device(phone_number=phone_number(number))))
            for number in range(self.shape.devices)
        ]

    def choose(self, count: int, *, by_traffic: bool, sort: int | None = None) -> list[int]:
        """Returns numbers of devices by chance, the same at each call.

        Args:
            by_traffic: as often as they have events; otherwise each as often.
            sort: `NAI`, `IPV4` or `IPV6`: devices that report such an identifier.
        """
        choice = random.Random(12)  # noqa: S311 - no secret
        power = 2 if by_traffic and not self.shape.is_even else 1
        numbers = [int(self.shape.devices * choice.random() ** power) for _ in range(count)]
        if sort is None:
            return numbers
        every = 10 if sort == IPV6 else 5
        return [number - number % every + sort for number in numbers]


def find_fleet(url: str, shape: Shape) -> Fleet:
    """Returns a fleet that is to be, or was just now, written into a database."""
    with connect(url) as connection:
        namespace = UUID(str(ask_value(connection, NAMESPACE)))
    return Fleet(shape, namespace, datetime.now(UTC))


def network_access_identifier(number: int) -> str:
    """Returns that of a device, as `facts` writes it."""
    return f"device-{number}@operator.invalid"


def ipv4(number: int) -> tuple[IPv4Address, int]:
    """Returns the public address and port of a device."""
    return IPV4_BASE + number // DEVICES_OF_A_NAT, FIRST_PORT + number % PORTS


def ipv6(number: int) -> IPv6Address:
    """Returns the address of a device."""
    return IPV6_BASE + number


def _short(number: int) -> str:
    for unit, name in ((1_000_000, " M"), (1000, " k")):
        if number >= unit and number % (unit // 10) == 0:
            return f"{number / unit:g}{name}"
    return f"{number:,}"
