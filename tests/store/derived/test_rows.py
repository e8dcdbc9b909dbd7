"""What is read from rows of the derived tables and of events."""

from psycopg.rows import tuple_row
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.fact import LEAST
from receiver.store.connections.engine import reading
from receiver.store.derived.rows import (
    Question,
    read_fact,
    read_register,
    read_rows,
    read_subscription,
    read_together,
)
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from receiver.store.status.parts import REGISTERS, SUBSCRIPTIONS
from tests.support.facts import DEVICES, STATUSES, Told

EVENTS = [
    Told(DEVICES[0], "s-1", name, STATUSES[name][0], minute, 0, 0)
    for minute, name in enumerate(
        ["roaming-status", "roaming-off", "subscription-updated", "subscription-ends"]
    )
]


async def test_rows_are_read_as_the_folds_make_them(
    ingest: Ingest, projection: Projection, engine: AsyncEngine
) -> None:
    await ingest.commit([event.arrival for event in EVENTS])
    await projection.derive_all()
    devices = [EVENTS[0].device_id]
    async with reading(engine) as connection:
        asked = {"devices": devices}
        registers, [subscription] = await read_together(
            connection, Question(REGISTERS, asked, tuple_row), Question(SUBSCRIPTIONS, asked)
        )
        events = await read_rows(connection, "SELECT * FROM event ORDER BY occurred_at")
    facts = [read_fact(row) for row in events]
    assert [fact._replace(event_id="") for fact in facts] == [event.fact for event in EVENTS]
    expected = status.fold(facts)
    found = {
        axis: read_register(devices[place - 1], row)
        for place, axis, *row in registers
        if axis in list(Axis)
    }
    assert found == expected
    assert found[Axis.ROAMING].contradiction != LEAST
    assert [read_subscription(subscription[3:])] == list(ledger.fold(facts).values())
