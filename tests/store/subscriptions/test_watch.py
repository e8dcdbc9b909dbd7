"""Subscriptions that need a look are counted, and nothing else of them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DatabaseAway
from receiver.projection.subscriptions.registration import Registration
from receiver.store.events.ingest import Ingest
from receiver.store.subscriptions.ledger import Ledger
from receiver.store.subscriptions.registrations import Registrations
from receiver.store.subscriptions.watch import Attention, Watch
from tests.support.facts import DEVICES, NOON, STATUSES, Told

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
WHO = Told(DEVICES[0], None, "roaming-on", STATUSES["roaming-on"][0], 0, 0, 0).device_id
ROAMING, DATA = ("x.roaming-status",), ("x.connectivity-data",)


async def register(engine: AsyncEngine, name: str, days: float, types: tuple[str, ...]) -> None:
    told = Registration(
        NOW, starts_at=NOW - DAY, expires_at=NOW + days * DAY, types=types, device_id=WHO
    )
    await Registrations(engine).register(("jwt:client", name), told)


async def counted(ledger: Ledger) -> Attention | None:
    watch = Watch(ledger)
    await watch.look()
    return watch.latest


async def test_what_ends_soon_is_counted_unless_another_goes_on(
    ledger: Ledger, engine: AsyncEngine
) -> None:
    await register(engine, "soon", 3, ROAMING)
    await register(engine, "soon-after", 4, DATA)
    assert await counted(ledger) == (2, 0, 0)
    await register(engine, "also-soon", 2, ROAMING)
    assert await counted(ledger) == (2, 0, 0)
    await register(engine, "long", 90, ROAMING)
    assert await counted(ledger) == (1, 0, 0)


async def test_what_should_have_ended_is_counted_until_it_says_so(
    ledger: Ledger, engine: AsyncEngine, ingest: Ingest
) -> None:
    await register(engine, "s-1", -3, ROAMING)
    assert await counted(ledger) == (0, 1, 0)
    ended = Told(
        DEVICES[0], "s-1", "subscription-ended", STATUSES["subscription-ended"][0], 0, 0, 0
    )
    await ingest.commit([ended.arrival._replace(credential="jwt:client")])
    assert await counted(ledger) == (0, 0, 0)


async def test_silence_is_counted_by_when_events_occurred_however_late_they_arrived(
    ledger: Ledger, ingest: Ingest
) -> None:
    told = Told(DEVICES[0], "s-1", "roaming-on", STATUSES["roaming-on"][0], 0, 0, 0)
    await ingest.commit([told._replace(minute=minute).arrival for minute in range(6)])
    assert await counted(ledger) == (0, 0, 1)
    minutes = int((NOW - NOON) / timedelta(minutes=1))
    await ingest.commit([told._replace(minute=minutes - ago).arrival for ago in range(6)])
    assert await counted(ledger) == (0, 0, 0)


async def test_a_look_that_takes_too_long_keeps_the_counts_before(
    ledger: Ledger, engine: AsyncEngine
) -> None:
    watch = Watch(ledger, deadline_seconds=0.0)
    watch.latest = Attention(1, 2, 3)
    with pytest.raises(DatabaseAway):
        await watch.look()
    assert watch.latest == (1, 2, 3)


async def test_before_the_first_derivation_nothing_is_known(engine: AsyncEngine) -> None:
    assert await counted(Ledger(engine)) is None
