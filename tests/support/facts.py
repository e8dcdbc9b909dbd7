"""Facts of a few devices, as hypothesis draws them, and the arrivals that bring them."""

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from receiver.events.devices.identity import identify
from receiver.events.event import Arrival, Device, Event, Form, Kind, Status
from receiver.ids import new_id
from receiver.projection.fact import Fact

NAMESPACE = UUID("2b6f0c52-3f0e-4f7c-9d43-1a7d5b0c9e11")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NAI = "device@operator.example"
DEVICES = (
    Device(phone_number="+99999991000"),
    Device(phone_number="+99999991001"),
    Device(phone_number="+99999991000", network_access_identifier=NAI),
    Device(phone_number="+99999991001", network_access_identifier=NAI),
    Device(network_access_identifier=NAI),
    Device(),
)
STATUSES = {
    "connectivity-data": [Status(connectivity="CONNECTED_DATA")],
    "reachability-sms": [Status(connectivity="CONNECTED_SMS")],
    "connectivity-disconnected": [Status(connectivity="NOT_CONNECTED")],
    "connectivity": [Status(connectivity="CONNECTED"), Status()],
    "roaming-status": [
        Status(roaming=True, country_code=208, country_name=("FR",)),
        Status(roaming=True),
        Status(roaming=False, country_code=208),
        Status(country_code=262),
    ],
    "roaming-on": [Status(roaming=True)],
    "roaming-off": [Status(roaming=False)],
    "roaming-change-country": [
        Status(roaming=True, country_name=("DE", "AT")),
        Status(roaming=True, country_code=208, country_name=()),
    ],
    "network-type-changed": [
        Status(connected_network_type="4G"),
        Status(connected_network_type="5G"),
        Status(),
    ],
    "subscription-started": [Status(initiation_reason="SUBSCRIPTION_CREATED")],
    "subscription-updated": [
        Status(update_reason="SUBSCRIPTION_INACTIVE"),
        Status(update_reason="SUBSCRIPTION_ACTIVE"),
        Status(),
    ],
    "subscription-ends": [Status(termination_reason="SUBSCRIPTION_EXPIRED"), Status()],
    "subscription-ended": [Status(termination_reason="NETWORK_TERMINATED")],
    "area-entered": [Status()],
}


class Told(NamedTuple):
    """One event, told by one device.

    Attributes:
        minute: when it occurred, after noon.
        delay: minutes until it arrived; below -5 its time is not believed.
    """

    device: Device
    subscription_id: str | None
    name: str
    status: Status
    minute: int
    delay: int
    number: int

    @property
    def digest(self) -> bytes:
        return hashlib.blake2b(repr(self).encode(), digest_size=16).digest()

    @property
    def occurred_at(self) -> datetime:
        return NOON + timedelta(minutes=self.minute)

    @property
    def received_at(self) -> datetime:
        return self.occurred_at + timedelta(minutes=self.delay)

    @property
    def device_id(self) -> UUID:
        hexadecimal = identify(
            NAMESPACE,
            self.device,
            credential="operator",
            subscription_id=self.subscription_id,
            source=None,
        )
        return UUID(hexadecimal)

    @property
    def fact(self) -> Fact:
        return Fact(
            "operator",
            self.subscription_id,
            self.name,
            self.occurred_at,
            self.received_at,
            self.digest,
            self.status,
            "",
        )

    @property
    def arrival(self) -> Arrival:
        event = Event(
            kind=Kind.UNRECOGNISED,
            name=self.name,
            type=f"org.camaraproject.example.v0.{self.name}",
            form=Form.CLOUDEVENTS,
            source=None,
            event_id=None,
            subscription_id=self.subscription_id,
            occurred_at=self.occurred_at,
            device=self.device,
            status=self.status,
            findings=(),
            digest=self.digest,
            payload="{}",
        )
        return Arrival(new_id(), self.device_id.hex, "operator", self.received_at, event)


@st.composite
def told(draw: st.DrawFn, names: Collection[str] = STATUSES) -> Told:
    """One event of a few devices and subscriptions, within an hour; many meet in one moment."""
    name = draw(st.sampled_from(sorted(names)))
    return Told(
        draw(st.sampled_from(DEVICES)),
        draw(st.sampled_from(["s-1", "s-2", "s-3", None])),
        name,
        draw(st.sampled_from(STATUSES[name])),
        draw(st.integers(0, 12)),
        draw(st.sampled_from([0, 0, 0, 3, 30, -4, -7])),
        draw(st.integers(0, 1)),
    )
