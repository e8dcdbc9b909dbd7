"""The planner's statistics tell no value of what is gone."""

import psycopg
import pytest

from receiver.store.erasure import statistics
from receiver.store.erasure.statistics import renew_statistics
from tests.store.erasure.conftest import Stored
from tests.support.ageing import execute
from tests.support.erasing import connected

TOLD = "SELECT count(*) FROM pg_stats WHERE concat(most_common_vals, histogram_bounds) LIKE %s"


def count_told(conninfo: str) -> int:
    with psycopg.connect(conninfo) as connection:
        [(found,)] = connection.execute(TOLD, ["%99999991000%"]).fetchall()
    return int(found)


def can_clear(conninfo: str) -> bool:
    """Tells whether the server lets statistics be cleared, as Postgres 18 does and none before."""
    with psycopg.connect(conninfo) as connection:
        return connection.info.server_version >= 180000


async def renew(conninfo: str, stored: Stored) -> list[str]:
    async with connected(conninfo) as connection:
        return await renew_statistics(connection, stored.subject)


@pytest.mark.parametrize("is_empty", [False, True])
async def test_they_are_renewed_also_of_a_table_without_a_row(
    conninfo: str, stored: Stored, is_empty: bool
) -> None:
    execute(conninfo, "ANALYZE")
    assert count_told(conninfo) > 0
    [device_id] = stored.subject.devices
    for table in ("event", "device_identifier", "device_status", "subscription", "event_identity"):
        rest = "" if is_empty else f" WHERE device_id = '{device_id}'"
        execute(conninfo, f"DELETE FROM {table}{rest}")  # noqa: S608 - of this test
    left = await renew(conninfo, stored)
    if is_empty and not can_clear(conninfo):
        assert "device_identifier" in left
    else:
        assert left == []
        assert count_told(conninfo) == 0


async def test_what_cannot_be_renewed_is_named(
    conninfo: str, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(conninfo, "ANALYZE event")
    monkeypatch.setattr(statistics, "LIMIT_WAIT", "SET LOCAL lock_timeout = '50ms'")
    monkeypatch.setattr(statistics, "CAN_CLEAR", "SELECT false")
    with psycopg.connect(conninfo) as connection:
        connection.execute("LOCK TABLE event IN SHARE UPDATE EXCLUSIVE MODE")
        left = await renew(conninfo, stored)
    assert "event" in left
