"""What is stored is known by what it says, whenever it arrives again."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.findings import Finding
from receiver.store.events.ingest import Ingest
from receiver.store.events.known import find_known, identify_arrival
from tests.support.arrivals import MORNING, arrival


async def test_a_redelivery_is_known_and_what_says_something_else_is_not(
    ingest: Ingest, engine: AsyncEngine
) -> None:
    await ingest.commit([arrival(1), arrival(2)])
    again, other = arrival(1), arrival(3)
    elsewhere = arrival(2, phone_number="+99999990000")
    assert await find_known(engine, [again, other, elsewhere, again]) == {identify_arrival(again)}


async def test_an_event_without_a_time_is_known_whenever_it_arrives_again(
    ingest: Ingest, engine: AsyncEngine
) -> None:
    findings = (Finding.TIME_MISSING,)
    await ingest.commit([arrival(1, findings=findings, occurred_at=MORNING)])
    again = arrival(1, findings=findings, occurred_at=MORNING + timedelta(days=1))
    assert await find_known(engine, [again]) == {identify_arrival(again)}


async def test_nothing_is_known_of_nothing(engine: AsyncEngine) -> None:
    assert await find_known(engine, []) == set()
