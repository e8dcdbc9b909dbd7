"""Evidence and events behind the derived tables come in one question, whose work is bounded."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device
from receiver.projection.links import BY_PHONE_NUMBER, BY_SUBSCRIPTION, Via, find_links
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import LAST_DEVICE, read_behind
from receiver.store.derived.evidence import (
    ask_for_evidence_and_events,
    compose_evidence,
    compose_evidence_and_events,
    divide,
    read_evidence,
)
from receiver.store.derived.rows import read_fact, read_together, write_devices
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from tests.support.facts import STATUSES, Told

DEVICES = 60
EVENTS_BEHIND = 400


def said(phone: int | None, subscription: str, name: str = "connectivity-data") -> Told:
    device = Device(None if phone is None else f"+99999{phone:06}", f"u{phone}@operator.example")
    device = Device() if phone is None else device
    return Told(device, subscription, name, STATUSES[name][0], 0, 0, 0)


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def count_rows(connection: psycopg.Connection, question: str, parameters: Mapping[str, Any]) -> int:
    """Returns the rows that the steps of a statement look at, one step after the other."""
    explained = connection.execute(
        f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {question}", parameters
    )
    [([found],)] = explained.fetchall()
    return sum(
        int(node["Actual Loops"])
        * int(
            node["Actual Rows"]
            + node.get("Rows Removed by Filter", 0)
            + node.get("Rows Removed by Join Filter", 0)
        )
        for node in nodes(found["Plan"])
    )


@pytest.mark.parametrize("compose", [compose_evidence, compose_evidence_and_events])
async def test_no_event_behind_is_compared_with_each_key_of_the_devices(
    ingest: Ingest, projection: Projection, engine: AsyncEngine, conninfo: str, compose: Any
) -> None:
    derived = [said(n, f"s-{n}-{number}") for n in range(DEVICES) for number in range(4)]
    await ingest.commit([event.arrival for event in derived])
    await projection.derive_all()
    behind = [said(1000 + n, f"t-{n}") for n in range(EVENTS_BEHIND)]
    await ingest.commit([event.arrival for event in behind])
    async with reading(engine) as connection:
        bounds = (await read_behind(connection, LAST_DEVICE)).bounds
        conditions = (await read_behind(connection, LAST_DEVICE)).conditions
    devices = write_devices({event.device_id for event in derived})
    with psycopg.connect(conninfo, autocommit=True) as plain:
        looked_at = count_rows(plain, compose(conditions), {"devices": devices, **bounds})
    # Of each event behind some steps, and of each key of a device; not of both together.
    assert looked_at < 20 * (EVENTS_BEHIND + len(derived))


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
