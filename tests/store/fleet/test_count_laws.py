"""The counts of the fleet are what its pages count, filter by filter."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import Axis
from receiver.store.fleet import counts as counts_of_fleet
from receiver.store.fleet.counts import CountryCount, read_counts
from receiver.store.fleet.fleet import Fleet, FleetRow
from receiver.store.fleet.selection import FleetSelection, find_country
from receiver.store.projector.feeds import Feed
from tests.support.facts import DEVICES, Told, told
from tests.support.lengths import lengths
from tests.support.replaying import EITHER_FEED, arrive
from tests.support.shared_store import SharedStore

HISTORIES = st.lists(told(), min_size=1, max_size=25, unique_by=lambda event: event.digest)
REGISTERED = st.lists(st.sampled_from(["s-1", "s-2"]), max_size=1)

REGISTER = """
INSERT INTO subscription_registration
    (credential, subscription_id, registered_at, types, device_id, phone_number)
VALUES ('operator', %s, '2026-03-01T12:07:00Z', '{}', %s, %s)
"""


async def page(engine: AsyncEngine, wanted: FleetSelection) -> list[FleetRow]:
    """Returns all rows of a small fleet that a question means."""
    rows, end = await Fleet(engine).page(wanted, after=None, limit=50)
    assert end is None
    return rows


async def check(
    store: SharedStore, events: Sequence[Told], registered: Sequence[str], feed: Feed
) -> None:
    await arrive(store, events, [len(events)], [True], feed, is_derived=True)
    for subscription_id in registered:
        device = DEVICES[0]
        device_id = Told(device, None, "roaming-on", events[0].status, 0, 0, 0).device_id
        await store.connection.execute(
            REGISTER.encode(), [subscription_id, device_id, device.phone_number]
        )
    await store.projections[feed].derive_all()
    counts = await read_counts(store.engine)

    async def count(**filters: Sequence[str]) -> int:
        return len(await page(store.engine, FleetSelection(**filters)))  # type: ignore[arg-type]

    rows = await page(store.engine, FleetSelection())
    assert counts.devices == len(rows)
    for axis, found in (
        ("connectivity", counts.connectivity),
        ("network_types", counts.network_types),
    ):
        for value, devices in found.items():
            assert devices == await count(**{axis: (value,)})
    for axis, known in (
        (Axis.CONNECTIVITY, sum(counts.connectivity.values())),
        (Axis.NETWORK_TYPE, sum(counts.network_types.values())),
        (Axis.ROAMING, sum(counts.roaming.values())),
        (Axis.COUNTRY, counts.roaming[False] + sum(each.devices for each in counts.countries)),
    ):
        assert counts.devices - known == await count(unknown=(axis,))
    assert counts.roaming[True] == await count(roaming=("true",))
    assert counts.roaming[False] == await count(roaming=("false",))
    assert sort(counts.countries) == sort(list_countries(rows))


def sort(countries: Sequence[CountryCount]) -> list[CountryCount]:
    return sorted(countries, key=repr)


def list_countries(rows: Sequence[FleetRow]) -> list[CountryCount]:
    """Returns where the devices of rows roam."""
    found: dict[tuple[int | None, tuple[str, ...] | None], int] = {}
    for row in rows:
        point = find_country({axis: told.answer for axis, told in row.status.axes.items()})
        if point is not None:
            key = point.country_code, point.country_name
            found[key] = found.get(key, 0) + 1
    return [CountryCount(code, names, devices) for (code, names), devices in found.items()]


@pytest.mark.parametrize("examples", lengths(5, 100))
def test_the_counts_are_those_of_the_pages(shared_store: SharedStore, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(events=HISTORIES, registered=REGISTERED, feed=EITHER_FEED)
    def the_counts_are_those_of_the_pages(
        events: list[Told], registered: list[str], feed: Feed
    ) -> None:
        shared_store.run(check(shared_store, events, registered, feed))

    the_counts_are_those_of_the_pages()


FAULTS: Mapping[str, tuple[str, str]] = {
    "links are not followed": (
        "SELECT coalesce(weak.device_id, apart.device_id)",
        "SELECT apart.device_id",
    ),
    "a device that stands for another is counted too": ("UNION SELECT member_id FROM weak", ""),
    "a value is known after its end": (
        "WHERE NOT EXISTS (\n        SELECT FROM uncovered",
        "WHERE true OR NOT EXISTS (\n        SELECT FROM uncovered",
    ),
    "the devices apart are counted twice": ("-count(*)", "0"),
    "a closing of earlier counts": ("AND uncovered.at >= merged.effective_at", ""),
    "the earliest value counts": (
        "effective_at DESC, specificity DESC",
        "effective_at, specificity DESC",
    ),
    "a closing in the moment of a value does not count": (
        "AND said.effective_at <= greatest",
        "AND said.effective_at < greatest",
    ),
    "an inactive subscription is open": (
        "greatest(closed.ended_at, closed.updated_at)",
        "closed.ended_at",
    ),
    "a device at home is in a country": ("value <> ''", "value IS NOT NULL"),
}


@pytest.mark.parametrize(
    "fault",
    [pytest.param(name, id=name, marks=pytest.mark.long) for name in FAULTS],
)
def test_a_fault_of_the_counts_is_found(
    shared_store: SharedStore, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    right, wrong = FAULTS[fault]
    question = counts_of_fleet.compose_counts()
    assert right in question
    monkeypatch.setattr(counts_of_fleet, "compose_counts", lambda: question.replace(right, wrong))

    @settings(
        max_examples=600,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        report_multiple_bugs=False,
    )
    @given(events=HISTORIES, registered=REGISTERED, feed=EITHER_FEED)
    def the_counts_are_those_of_the_pages(
        events: list[Told], registered: list[str], feed: Feed
    ) -> None:
        shared_store.run(check(shared_store, events, registered, feed))

    with pytest.raises(AssertionError):
        the_counts_are_those_of_the_pages()
