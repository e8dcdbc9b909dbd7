"""A month without a partition: it is made at once, and the notifications of that time are stored.

The clock of the database is moved in each statement that asks for it: the insert, which decides the
month of an event, the look at the partitions, and the look at the clock.
"""

import asyncio

import psycopg
import pytest
from structlog.testing import capture_logs

from receiver.store.events import ingest
from receiver.store.events.ingest import INSERT
from receiver.store.health import clocks, figures, readiness
from receiver.store.health.look import INTERVAL_SECONDS
from receiver.store.schema import partitions
from receiver.store.schema.partitions import COVERAGE, partition_name, read_coverage
from tests.support.bodies import cloudevent
from tests.support.callers import Callers
from tests.support.store.database import column
from tests.support.tables import change

COUNT = "SELECT count(*) FROM event"
COUNT_AHEAD = f"{COUNT} WHERE stored_at > now() + interval '100 days'"
AHEAD = "(now() + interval '200 days 1 hour')"
JSON = {"content-type": "application/json"}
TOLD = "the clock of the database is 200 days ahead of the clock of this machine"


async def post_fifty(callers: Callers, name: str) -> set[int]:
    async def post(number: int) -> int:
        event = cloudevent("roaming-on", id=f"{name}-{number}")
        return (await callers.sink.post("/notifications", content=event, headers=JSON)).status_code

    return set(await asyncio.gather(*map(post, range(50))))


async def test_a_month_that_is_dropped_under_load_costs_no_503(
    callers: Callers, conninfo: str
) -> None:
    with psycopg.connect(conninfo) as connection:
        month = partition_name(read_coverage(connection).month)
    # The first one may be made by the look at the start.
    for name in ("first", "second"):
        await change(conninfo, f"DROP TABLE {month}")
        assert await post_fifty(callers, name) == {204}
        assert column(conninfo, COUNT) == ["50"]
        assert (await callers.nobody.get("/readyz")).status_code == 200


async def test_a_database_whose_clock_jumps_by_months_stores_and_tells_and_heals(
    callers: Callers, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await post_fifty(callers, "before") == {204}
    with monkeypatch.context() as jumped, capture_logs() as logs:
        for module in (partitions, figures, readiness):
            jumped.setattr(module, "COVERAGE", COVERAGE.replace("now()", AHEAD))
        for module in (partitions, clocks):
            jumped.setattr(module, "NOW", f"SELECT {AHEAD}")
        jumped.setattr(ingest, "INSERT", INSERT.replace("clock_timestamp()", AHEAD))
        assert await post_fifty(callers, "meanwhile") == {204}
        answer = await callers.nobody.get("/readyz")
        assert (answer.status_code, answer.json()["warnings"]) == (200, [TOLD])
        while not any(line["event"] == "clocks differ" for line in logs):
            await asyncio.sleep(0.01)
    told = [line["reason"] for line in logs if line["event"] == "clocks differ"]
    assert set(told) == {TOLD}
    assert await post_fifty(callers, "after") == {204}
    await asyncio.sleep(INTERVAL_SECONDS)
    healed = await callers.nobody.get("/readyz")
    assert healed.status_code == 200
    assert "warnings" not in healed.json()
    assert column(conninfo, COUNT) == ["150"]
    assert column(conninfo, COUNT_AHEAD) == ["50"]
