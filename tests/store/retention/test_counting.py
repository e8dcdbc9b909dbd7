"""The events of subscriptions are counted step by step, and again without harm."""

from datetime import UTC, datetime

import pytest

from receiver.store.connections.database import connect_async
from receiver.store.retention.counting import retire
from tests.support.ageing import EVENTS
from tests.support.store.database import column

COUNTS = "SELECT name || ' ' || events || ' ' || charged FROM subscription_retired ORDER BY name"
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("limit", [1, 2, 4000])
async def test_counts_are_the_same_in_any_steps(conninfo: str, old: str, limit: int) -> None:
    connection = await connect_async(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    async with connection:
        for _ in range(2):
            async for _ in retire(connection, FAR, limit=limit):
                pass
    assert column(conninfo, COUNTS) == [f"{name} 1 1" for name in sorted(e.name for e in EVENTS)]
