"""What was when, and what an answer costs, however long the history of the device is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from receiver.events.axes import Axis
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import Projection
from receiver.store.timelines.intervals import DAYS, INTERVALS
from receiver.store.timelines.timelines import Timelines
from tests.support.explaining import blocks
from tests.support.facts import Told
from tests.support.intervals import DATA, GONE, at, end, event

# One device that tells each minute of a year, in turn, that it is reached and that it roams; of
# some events the time is not believed.
FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, subscription_id, credential,
    occurred_at, received_at, phone_number, connectivity, roaming, findings, payload
)
SELECT %(device)s, now(), pg_current_xact_id(), decode(md5(minute::text), 'hex'),
    'connectivity', 'connectivity-data', 'type', 'cloudevents', 's-1', 'operator',
    %(until)s - minute * interval '1 minute', %(until)s - minute * interval '1 minute'
        - CASE WHEN minute %% 5000 = 0 THEN interval '10 minutes' ELSE interval '0' END,
    '+99999991000',
    CASE WHEN minute %% 2 = 0 THEN CASE WHEN minute %% 4 = 0 THEN 'NOT_CONNECTED'
        ELSE 'CONNECTED_DATA' END END,
    CASE WHEN minute %% 2 = 1 THEN true END, '{}', '{}'
FROM generate_series(%(low)s::int, %(high)s::int) AS minute
"""
MINUTES = 40_000
UNTIL = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
# An hour has sixty events, and the history sixty thousand blocks.
BLOCKS_MAX = 600


@pytest.fixture(scope="module")
def busy(module_conninfo: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(module_conninfo, autocommit=True) as connection:
        for low in range(0, MINUTES, 10_000):
            connection.execute(
                FILL, {"device": DEVICE, "until": UNTIL, "low": low, "high": low + 9_999}
            )
        connection.execute("ANALYZE")
        yield connection


DEVICE = UUID(int=7)


@pytest.mark.parametrize("back", [1, MINUTES // 120, MINUTES // 60 - 2])
@pytest.mark.parametrize(
    "question",
    [
        pytest.param(INTERVALS[Axis.CONNECTIVITY, "asc"], id="intervals"),
        pytest.param(INTERVALS[Axis.COUNTRY, "desc"], id="countries"),
        pytest.param(DAYS[Axis.CONNECTIVITY], id="days"),
    ],
)
def test_an_hour_costs_what_it_has_wherever_it_lies(
    busy: psycopg.Connection, question: str, back: int
) -> None:
    start = UNTIL - back * HOUR
    parameters = {
        "devices": [DEVICE],
        "start": start,
        "stop": start + HOUR,
        "scan_start": start,
        "scan_stop": start + HOUR,
        "end": start + HOUR,
        "is_seeded": question != INTERVALS[Axis.COUNTRY, "desc"],
        "value": None,
        "limit": 100,
        "closed_at": [],
        "reasons": [],
        "lost": [],
        "told": [],
    }
    assert blocks(busy, question, **parameters) < BLOCKS_MAX


async def store(ingest: Ingest, *events: Told) -> UUID:
    await ingest.commit([each.arrival for each in events])
    return events[0].device_id


async def test_a_device_without_events_has_no_timeline(
    timelines: Timelines, projection: Projection
) -> None:
    await projection.derive_all()
    async with timelines.of(uuid4()) as timeline:
        assert timeline is None


async def test_an_event_is_in_the_timeline_before_it_is_derived(
    timelines: Timelines, projection: Projection, ingest: Ingest
) -> None:
    await projection.derive_all()
    device_id = await store(ingest, event(DATA, 1), event(GONE, 5), end(9))
    async with timelines.of(device_id) as timeline:
        assert timeline is not None
        assert (timeline.first_at(Axis.CONNECTIVITY), timeline.last_at(Axis.CONNECTIVITY)) == (
            at(1),
            at(9),
        )
        assert timeline.first_at(Axis.ROAMING) is None
        found = await timeline.intervals(Axis.CONNECTIVITY, at(0), None, order="asc", limit=10)
        assert [one.from_at for one in found] == [at(0), at(1), at(5), at(9)]
        days = await timeline.measure_days(Axis.CONNECTIVITY, at(0), at(10))
        assert [dict(lengths) for lengths in days.values()] == [
            {None: 120_000_000, "CONNECTED_DATA": 240_000_000, "NOT_CONNECTED": 240_000_000}
        ]


async def test_a_limit_leaves_out_the_far_end(
    timelines: Timelines, projection: Projection, ingest: Ingest
) -> None:
    await projection.derive_all()
    device_id = await store(ingest, *(event(DATA if n % 2 else GONE, n) for n in range(6)))
    async with timelines.of(device_id) as timeline:
        assert timeline is not None
        oldest = await timeline.intervals(Axis.CONNECTIVITY, at(1), at(4), order="asc", limit=2)
        assert [one.from_at for one in oldest] == [at(1), at(2)]
        newest = await timeline.intervals(Axis.CONNECTIVITY, at(1), at(4), order="desc", limit=2)
        assert [one.from_at for one in newest] == [at(3), at(2)]
        assert not newest[0].ends_later
