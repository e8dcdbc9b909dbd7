"""Evidence and events behind the derived tables come in one question."""

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device
from receiver.projection.links import BY_PHONE_NUMBER, BY_SUBSCRIPTION, Via, find_links
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import LAST_DEVICE, read_behind
from receiver.store.derived.evidence import (
    ask_for_evidence_and_events,
    divide,
    read_evidence,
)
from receiver.store.derived.rows import read_fact, read_together, write_devices
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from tests.support.facts import STATUSES, Told


def said(phone: int | None, subscription: str, name: str = "connectivity-data") -> Told:
    device = Device(None if phone is None else f"+99999{phone:06}", f"u{phone}@operator.example")
    device = Device() if phone is None else device
    return Told(device, subscription, name, STATUSES[name][0], 0, 0, 0)


async def test_the_events_behind_come_with_the_evidence_of_their_devices(
    ingest: Ingest, projection: Projection, engine: AsyncEngine
) -> None:
    phone, nameless, stranger = said(1, "s-1"), said(None, "s-1", "roaming-on"), said(2, "s-2")
    await ingest.commit([phone.arrival])
    await projection.derive_all()
    later = said(1, "s-3", "network-type-changed")
    await ingest.commit([nameless.arrival, stranger.arrival, later.arrival])
    async with reading(engine) as connection:
        behind = await read_behind(connection, LAST_DEVICE)
        asked = ask_for_evidence_and_events(write_devices([phone.device_id]), behind)
        [rows] = await read_together(connection, asked)
        alone = await read_evidence(connection, [phone.device_id], behind)
    evidence, events = divide(rows)
    assert sorted(evidence) == sorted(alone)
    by_subscription = [one for one in evidence if one.via == Via.SUBSCRIPTION]
    assert {(one.value, one.device_id, one.strength) for one in by_subscription} == {
        ("s-1", phone.device_id, BY_PHONE_NUMBER),
        ("s-1", nameless.device_id, BY_SUBSCRIPTION),
    }
    assert find_links(evidence) == {nameless.device_id: phone.device_id}
    assert [read_fact(row)._replace(event_id="") for row in events] == [later.fact]
    assert [row.is_registered for row in events] == [False]


async def test_where_nothing_is_behind_evidence_comes_alone(
    ingest: Ingest, projection: Projection, engine: AsyncEngine
) -> None:
    phone, nameless = said(1, "s-1"), said(None, "s-1")
    await ingest.commit([phone.arrival, nameless.arrival])
    await projection.derive_all()
    async with reading(engine) as connection:
        behind = await read_behind(connection, LAST_DEVICE)
        asked = ask_for_evidence_and_events(write_devices([phone.device_id]), behind)
        [rows] = await read_together(connection, asked)
    evidence, events = divide(rows)
    assert find_links(evidence) == {nameless.device_id: phone.device_id}
    assert events == []
