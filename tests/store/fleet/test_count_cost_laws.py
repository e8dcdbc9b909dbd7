"""Counting the fleet passes over its tables a few times, however many devices there are."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.store.fleet.counts import PLANNING, compose_counts
from tests.support.filled import blocks, filling

TABLES = "SELECT sum(relpages) FROM pg_class WHERE relname IN ('device_status', 'subscription')"
END = """
UPDATE subscription SET ended_at = now(), end_digest = '', end_reason = 'SUBSCRIPTION_EXPIRED'
WHERE device_id < '10000000-0000-0000-0000-000000000000'
"""

# Of the device apart, a descent in two indexes, and its rows.
BLOCKS_OF_A_DEVICE = 20


@pytest.mark.long
def test_a_count_passes_over_the_tables_a_few_times(conninfo: str) -> None:
    with filling(conninfo) as filled:
        apart = filled.execute(END).rowcount
        assert apart > 1000
        filled.execute("VACUUM ANALYZE subscription, device_status")
        [(pages,)] = filled.execute(TABLES).fetchall()
        now = datetime.now(UTC)
        filled.execute(PLANNING.replace("true", "false"))
        found = blocks(
            filled, compose_counts(), hour=now - timedelta(hours=1), day=now - timedelta(days=1)
        )
        assert found < pages * 5 + apart * BLOCKS_OF_A_DEVICE
