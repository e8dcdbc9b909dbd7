"""A story of three devices that ends today: what the questions of analysts are asked about."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from receiver.events.event import Arrival, Device, Event, Form, Kind, Status
from receiver.ids import new_id

# The one that roams, the one that is unreachable, and the one whose subscription ended.
ROAMER = UUID("0cf92697-7e55-59a0-a71e-a4876ae604a2")
LOST = UUID("2f6e1b0a-5a0e-5d3c-8f07-6f7b8e0c1d21")
SILENT = UUID("7b1d3c55-90f4-5c0b-a9c1-0e4f7a6b2d32")
PHONE_NUMBERS = {ROAMER: "+99999991000", LOST: "+99999991001", SILENT: "+99999991002"}
SUBSCRIPTIONS = {ROAMER: "s-1", LOST: "s-2", SILENT: "s-3"}
SOURCES = {"north": "https://north.example/device-status", "south": "https://south.example/sim"}
KINDS = {
    "connectivity": Kind.CONNECTIVITY,
    "network": Kind.NETWORK_TYPE,
    "roaming": Kind.ROAMING,
    "subscription": Kind.SUBSCRIPTION,
}
LATENESS = {"north": timedelta(seconds=2), "south": timedelta(seconds=90)}


def day(days_ago: int, hour: float = 12) -> datetime:
    """Returns an hour of a day, in UTC; at noon it is the same day anywhere in Europe."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days_ago) + timedelta(hours=hour)


def tell_story() -> list[Arrival]:
    """Returns the arrivals of the story; one event arrives twice, and one is ahead of our clock."""
    in_france = Status(roaming=True, country_code=208, country_name=("FR",))
    in_germany = Status(roaming=True, country_code=262, country_name=("DE",))
    created = Status(initiation_reason="SUBSCRIPTION_CREATED")
    expired = Status(termination_reason="SUBSCRIPTION_EXPIRED")
    data = Status(connectivity="CONNECTED_DATA")
    sms = Status(connectivity="CONNECTED_SMS")
    lost = Status(connectivity="NOT_CONNECTED")
    lte, nr = (Status(connected_network_type=value) for value in ("4G", "5G"))
    repeated = _tell(SILENT, "connectivity-data", data, day(40))
    ahead = _tell(SILENT, "network-type-changed", lte, day(39))
    return [
        _tell(ROAMER, "subscription-started", created, day(20)),
        _tell(ROAMER, "connectivity-data", data, day(15)),
        _tell(ROAMER, "roaming-status", in_france, day(10)),
        _tell(ROAMER, "connectivity-sms", sms, day(6, hour=23.5)),
        _tell(ROAMER, "network-type-changed", nr, day(5)),
        _tell(ROAMER, "roaming-change-country", in_germany, day(3)),
        _tell(ROAMER, "roaming-off", Status(roaming=False), day(1)),
        _tell(LOST, "connectivity-data", data, day(12)),
        _tell(LOST, "network-type-changed", lte, day(9)),
        _tell(LOST, "roaming-status", in_france, day(4)),
        _tell(LOST, "connectivity-disconnected", lost, day(2)),
        repeated,
        repeated._replace(arrival_id=new_id()),
        ahead._replace(received_at=day(39) - timedelta(seconds=1)),
        _tell(SILENT, "subscription-ends", expired, day(29)),
    ]


def _tell(device_id: UUID, name: str, status: Status, occurred_at: datetime) -> Arrival:
    credential = "south" if device_id == SILENT else "north"
    event = Event(
        kind=KINDS[name.partition("-")[0]],
        name=name,
        type=f"org.camaraproject.device-status-subscriptions.v0.{name}",
        form=Form.CLOUDEVENTS,
        source=SOURCES[credential],
        event_id=f"{name}-{device_id}",
        subscription_id=SUBSCRIPTIONS[device_id],
        occurred_at=occurred_at,
        device=Device(phone_number=PHONE_NUMBERS[device_id]),
        status=status,
        findings=("time-without-zone",) if credential == "south" else (),
        digest=hashlib.blake2b(f"{device_id} {name}".encode(), digest_size=16).digest(),
        payload=f'{{"type": "{name}"}}',
    )
    return Arrival(new_id(), device_id.hex, credential, occurred_at + LATENESS[credential], event)
