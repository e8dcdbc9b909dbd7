"""What is read from rows of the derived tables and of events."""

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.fact import LEAST
from receiver.store.connections.engine import asking
from receiver.store.derived.reading import REGISTERS, SUBSCRIPTIONS
from receiver.store.derived.rows import read_fact, read_register, read_rows, read_subscription
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
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
    async with asking(engine) as connection:
        registers = await read_rows(connection, REGISTERS, devices=devices)
        [subscription] = await read_rows(connection, SUBSCRIPTIONS, devices=devices)
        events = await read_rows(connection, "SELECT * FROM event ORDER BY occurred_at")
    facts = [read_fact(row) for row in events]
    assert [fact._replace(event_id="") for fact in facts] == [event.fact for event in EVENTS]
    expected = status.fold(facts)
    found = {row[1]: read_register(row[2:]) for row in registers if row[1] in list(Axis)}
    assert found == expected
    assert found[Axis.ROAMING].contradiction != LEAST
    assert [read_subscription(subscription[3:])] == list(ledger.fold(facts).values())
