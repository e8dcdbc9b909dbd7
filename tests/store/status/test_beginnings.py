"""Values begin with the first event that says them after the last that said something else."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import Axis
from receiver.events.event import Device, Status
from receiver.projection import status
from receiver.store.connections.engine import reading
from receiver.store.events.ingest import Ingest
from receiver.store.status.beginnings import Value, read_beginnings
from tests.support.facts import DEVICES, NOON, Told

PHONE, OTHER, NAMELESS = DEVICES[0], DEVICES[1], Device()


def said(device: Device, network_type: str, minute: int, delay: int = 0) -> Told:
    told = Status(connected_network_type=network_type)
    return Told(device, "s-1", "network-type-changed", told, minute, delay, 0)


EVENTS = [
    said(PHONE, "4G", 1),
    said(PHONE, "5G", 3),
    said(PHONE, "5G", 4),
    # By one that stands for it.
    said(NAMELESS, "5G", 2),
    # Not believed: it counts at its arrival, before the others.
    said(PHONE, "5G", 9, -9),
    said(OTHER, "4G", 5),
]


async def test_many_values_are_answered_together_each_by_its_devices(
    ingest: Ingest, engine: AsyncEngine
) -> None:
    await ingest.commit([event.arrival for event in EVENTS])

    def value(*devices: Device) -> Value:
        told = [event for event in EVENTS if event.device in devices]
        registers = status.fold(event.fact for event in told)
        answer = status.answer(Axis.NETWORK_TYPE, registers.get(Axis.NETWORK_TYPE), [])
        return Value({event.device_id for event in told}, Axis.NETWORK_TYPE, answer)

    async with reading(engine) as connection:
        values = [value(PHONE), value(), value(PHONE, NAMELESS), value(OTHER)]
        found = await read_beginnings(connection, values)
        nothing = await read_beginnings(connection, [])
    minutes = [None if at is None else (at - NOON) / timedelta(minutes=1) for at in found]
    assert (minutes, nothing) == ([3, None, 2, 5], [])
