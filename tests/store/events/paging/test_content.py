"""A page of events holds what the API tells of each, and where it stands."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.keyset import ROW_BYTES
from receiver.store.events.paging.content import EVENTS, position_of
from receiver.store.events.stored_event import stored_event
from tests.support.arrivals import arrival
from tests.support.store.history import store


async def test_the_item_and_the_position_of_a_row_agree(engine: AsyncEngine, conninfo: str) -> None:
    await store(conninfo, [arrival(1)])
    async with engine.connect() as connection:
        row = (await connection.execute(select(*EVENTS.columns, EVENTS.size))).one()
    assert stored_event(row).position == position_of(row)
    assert row._mapping[ROW_BYTES] > 100
