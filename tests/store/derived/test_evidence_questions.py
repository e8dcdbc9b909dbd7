"""What may link is found by the questions for evidence, and their work is bounded."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Device
from receiver.projection.links import find_links
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import LAST_DEVICE, read_behind
from receiver.store.derived.evidence import read_evidence, read_whole_evidence
from receiver.store.derived.evidence_questions import compose_evidence, compose_evidence_and_events
from receiver.store.derived.rows import write_devices
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


async def test_a_subscription_without_a_weaker_device_is_no_evidence(
    ingest: Ingest, projection: Projection, engine: AsyncEngine
) -> None:
    one, other, third = said(1, "s-1"), said(2, "s-1"), said(3, "s-1")
    await ingest.commit([one.arrival, other.arrival])
    await projection.derive_all()
    await ingest.commit([third.arrival])
    devices = [one.device_id]
    async with reading(engine) as connection:
        behind = await read_behind(connection, LAST_DEVICE)
        found = await read_evidence(connection, devices, behind)
        whole = await read_whole_evidence(connection, devices, behind)
    assert found == []
    assert {each.device_id for each in whole if each.value == "s-1"} == {
        each.device_id for each in (one, other, third)
    }


@pytest.mark.parametrize("is_asked_for_weaker", [False, True])
@pytest.mark.parametrize("derived", ["nothing", "phone", "nameless", "both"])
async def test_a_weaker_device_is_found_whatever_of_both_is_derived(
    ingest: Ingest,
    projection: Projection,
    engine: AsyncEngine,
    derived: str,
    is_asked_for_weaker: bool,
) -> None:
    told = {"phone": said(1, "s-1"), "nameless": said(None, "s-1")}
    first = [event for name, event in told.items() if derived in (name, "both")]
    await ingest.commit([event.arrival for event in first])
    await projection.derive_all()
    await ingest.commit([event.arrival for event in told.values() if event not in first])
    phone, nameless = (event.device_id for event in told.values())
    asked = [nameless if is_asked_for_weaker else phone]
    async with reading(engine) as connection:
        behind = await read_behind(connection, LAST_DEVICE)
        found = await read_evidence(connection, asked, behind)
    assert find_links(found) == {nameless: phone}
