"""The drop of a month changes no row of the reports, as far as its time is kept."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.events.axes import Axis
from receiver.store.projector.projecting import START_REBUILD
from tests.support.dropping import drop
from tests.support.facts import Told, told
from tests.support.intervals import at
from tests.support.lengths import lengths
from tests.support.shared_store import SharedStore

HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)

# What is asked for of the kept time alone; the beginning of what began before it is not kept.
REPORTS = (
    "SELECT * FROM reporting.device ORDER BY device_id",
    "SELECT * FROM reporting.device_link ORDER BY device_id",
    "SELECT * FROM reporting.subscription ORDER BY credential, subscription_id",
    *(
        f"SELECT * FROM reporting.intervals('{axis}', %(start)s, %(end)s) ORDER BY 1, 2"  # noqa: S608
        for axis in Axis
    ),
    "SELECT * FROM reporting.availability(%(start)s, %(end)s) ORDER BY 1, 2",
    *(
        f"SELECT device_id, greatest(from_at, %(start)s), to_at, {column} FROM reporting.{view} "  # noqa: S608
        "WHERE to_at IS NULL OR to_at > %(start)s ORDER BY 1, 2"
        for view, column in (
            ("connectivity_interval", "connectivity, unknown_because"),
            ("network_type_interval", "connected_network_type, unknown_because"),
            ("roaming_session", "end_known, unknown_because"),
            ("roaming_stay", "country, country_code, country_name"),
        )
    ),
)


async def read_reports(store: SharedStore, start: datetime) -> list[list[tuple[object, ...]]]:
    bounds = {"start": start, "end": at(60)}
    return [
        await (await store.connection.execute(report.encode(), bounds)).fetchall()
        for report in REPORTS
    ]


async def check(store: SharedStore, events: Sequence[Told], kept_from: datetime) -> None:
    projection = await store.clear()
    await store.ingest.commit([event.arrival for event in events])
    await projection.derive_all()
    before = await read_reports(store, kept_from)
    await drop(store.connection, kept_from)
    assert before == await read_reports(store, kept_from)
    await store.connection.execute(START_REBUILD.encode())
    await projection.derive_all()
    assert before == await read_reports(store, kept_from)


@pytest.mark.parametrize("examples", lengths(10, 100))
def test_reports_outlive_the_events_that_gave_them(month_store: SharedStore, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(events=HISTORIES, minute=st.integers(-8, 20))
    def reports_stay(events: list[Told], minute: int) -> None:
        month_store.run(check(month_store, events, at(minute)))

    reports_stay()
