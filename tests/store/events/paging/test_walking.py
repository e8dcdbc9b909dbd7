"""A page ends early rather than to look at everything, and the pages together have every event."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.event import Arrival, Device
from receiver.store.connections.engine import asking, question_engine
from receiver.store.connections.keyset import Order
from receiver.store.events.history import History
from receiver.store.events.paging import paths
from receiver.store.events.paging.statements import PASSES, page_statement
from receiver.store.events.paging.walking import Pace, settle
from receiver.store.events.selection import Position, Selection
from receiver.store.events.stored_event import StoredEvent
from tests.support.arrivals import MORNING, NAMESPACE, PHONE_NUMBER, arrival
from tests.support.lengths import lengths
from tests.support.store.history import store

NOW = datetime.now(UTC)
DEVICE_ID = uuid5(NAMESPACE, PHONE_NUMBER)
OTHER_NUMBER = "+99999991001"
OTHER_ID = uuid5(NAMESPACE, OTHER_NUMBER)
KINDS = ("roaming", "connectivity", "subscription")


def made(number: int) -> Arrival:
    """Returns one of the events; some arrived long before they were stored, and some after."""
    received_at = (NOW, NOW - timedelta(hours=3), NOW + timedelta(minutes=10))[number % 3]
    one = arrival(
        number,
        phone_number=(PHONE_NUMBER, OTHER_NUMBER)[number % 5 == 0],
        kind=KINDS[number % 7 % 3],
        subscription_id=f"s-{number % 4}",
        findings=("time-without-zone",) if number % 11 == 0 else (),
        occurred_at=MORNING + timedelta(seconds=number * 7 % 40),
    )
    return one._replace(received_at=received_at + timedelta(seconds=number))


EVENTS = [made(number) for number in range(36)]


def passes(selection: Selection, one: Arrival) -> bool:
    """Tells whether an event is of a selection."""
    event, device = one.event, UUID(one.device_id)
    start, end = selection.received_from, selection.received_to
    return (
        (selection.device_id is None or device in (selection.device_id, *selection.linked))
        and (not selection.kinds or event.kind in selection.kinds)
        and (not selection.subscription_ids or event.subscription_id in selection.subscription_ids)
        and (not selection.findings or bool({*event.findings} & {*selection.findings}))
        and (start is None or one.received_at >= start)
        and (end is None or one.received_at < end)
    )


SELECTIONS = st.builds(
    Selection,
    device_id=st.sampled_from([None, DEVICE_ID]),
    linked=st.sampled_from([(), (OTHER_ID,)]),
    kinds=st.lists(st.sampled_from([*KINDS, "unrecognised"]), max_size=2),
    subscription_ids=st.lists(st.sampled_from(["s-0", "s-3", "s-none"]), max_size=2),
    findings=st.sampled_from([(), ("time-without-zone",)]),
    received_from=st.sampled_from(
        [None, NOW - timedelta(hours=4), NOW + timedelta(seconds=20), NOW + timedelta(minutes=5)]
    ),
    received_to=st.sampled_from(
        [None, NOW - timedelta(hours=2), NOW + timedelta(seconds=20), NOW + timedelta(hours=1)]
    ),
).map(lambda chosen: chosen if chosen.device_id else replace(chosen, linked=()))


async def read_all(
    engine: AsyncEngine, selection: Selection, pace: Pace, order: Order, **limits: Any
) -> tuple[list[StoredEvent], int]:
    """Returns all events of a selection, and the number of pages."""
    found: list[StoredEvent] = []
    after: Position | None = None
    for pages in range(1, 500):
        page, after = await History(engine, pace).page(
            selection, order=order, after=after, **limits
        )
        assert len(page) <= limits["limit"]
        found += page
        if after is None:
            return found, pages
    raise AssertionError("there is no end")


@pytest.mark.parametrize("examples", lengths(10, 150))
def test_pages_of_any_pace_have_the_events_that_pass_in_order_and_once(
    module_conninfo: str, examples: int
) -> None:
    store_all = [EVENTS[start::4] for start in range(4)]

    async def fill() -> None:
        for batch in store_all:
            await store(module_conninfo, batch)

    asyncio.run(fill())

    @settings(max_examples=examples, deadline=None)
    @given(
        selection=SELECTIONS,
        order=st.sampled_from(["asc", "desc"]),
        first_step=st.integers(1, 4),
        seconds=st.sampled_from([0, 60]),
        of_a_device=st.sampled_from([1, 20, 1000]),
        limit=st.integers(2, 9),
        limit_bytes=st.sampled_from([1, 500, 10**6]),
    )
    def pages_have_all(
        selection: Selection,
        order: Order,
        first_step: int,
        seconds: float,
        of_a_device: int,
        limit: int,
        limit_bytes: int,
    ) -> None:
        async def story() -> None:
            engine = question_engine(
                module_conninfo,
                pool_size=1,
                statement_timeout_seconds=10,
                prepare_threshold=None,
            )
            pace = Pace(first_step, seconds, of_a_device=of_a_device)
            found, _ = await read_all(
                engine, selection, pace, order, limit=limit, limit_bytes=limit_bytes
            )
            await engine.dispose()
            names = [event.event_id for event in found]
            expected = {one.event.event_id for one in EVENTS if passes(selection, one)}
            assert sorted(map(str, names)) == sorted(map(str, expected))
            is_reversed = order == "desc"
            if selection.is_of_a_device:
                assert found == sorted(found, key=place_of_device, reverse=is_reversed)
            else:
                assert found == sorted(found, key=place, reverse=is_reversed)

        asyncio.run(story())

    pages_have_all()


def place(event: StoredEvent) -> tuple[datetime, int]:
    return event.stored_at, event.seq


def place_of_device(event: StoredEvent) -> tuple[datetime, datetime, int]:
    return event.occurred_at, event.stored_at, event.seq


@pytest.mark.parametrize(
    "selection",
    [
        Selection(received_to=NOW - timedelta(hours=2)),
        Selection(received_from=NOW + timedelta(minutes=5)),
        Selection(received_from=NOW - timedelta(hours=4), received_to=NOW + timedelta(hours=1)),
    ],
    ids=["long before", "after", "both"],
)
async def test_what_was_stored_at_another_time_than_it_arrived_is_found_once(
    engine: AsyncEngine, conninfo: str, selection: Selection
) -> None:
    await store(conninfo, EVENTS)
    found, _ = await read_all(engine, selection, Pace(1, 0), "desc", limit=3, limit_bytes=10**6)
    expected = {one.event.event_id for one in EVENTS if passes(selection, one)}
    assert expected
    assert sorted(str(event.event_id) for event in found) == sorted(map(str, expected))


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("linked", [(), (OTHER_ID,)], ids=["alone", "linked"])
async def test_of_a_device_it_is_found_once_however_many_are_displaced(
    engine: AsyncEngine,
    conninfo: str,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    linked: tuple[UUID, ...],
) -> None:
    await store(conninfo, EVENTS)
    monkeypatch.setattr(paths, "FEW_DISPLACED", few)
    for start, end in (
        (NOW - timedelta(hours=4), NOW - timedelta(hours=2)),
        (NOW + timedelta(seconds=20), NOW + timedelta(hours=1)),
        (NOW - timedelta(hours=4), NOW + timedelta(hours=1)),
    ):
        selection = Selection(DEVICE_ID, linked=linked, received_from=start, received_to=end)
        question = page_statement(selection, order="asc", limit=99, limit_bytes=10**6)
        async with asking(engine) as connection:
            rows = (await connection.execute(question)).all()
        found = [str(row._mapping["event_id"]) for row in rows if row._mapping[PASSES]]
        expected = {str(one.event.event_id) for one in EVENTS if passes(selection, one)}
        assert sorted(found) == sorted(expected)


async def fill(conninfo: str, events: int) -> None:
    await store(conninfo, [arrival(number) for number in range(events)])


NOBODY = Selection(kinds=["unrecognised"])


async def test_a_page_that_finds_nothing_ends_behind_what_it_looked_at(
    engine: AsyncEngine, conninfo: str
) -> None:
    await fill(conninfo, 20)
    limits = {"order": "desc", "limit": 3, "limit_bytes": 10**6}
    page, end = await History(engine, Pace(2, 0)).page(NOBODY, after=None, **limits)  # type: ignore[arg-type] # of the test
    [passed], _ = await History(engine).page(
        Selection(), order="asc", after=None, limit=1, limit_bytes=1
    )
    assert page == []
    assert end is not None
    assert end.seq == passed.seq + 12
    page, end = await History(engine, Pace(2, 0)).page(NOBODY, after=end, **limits)  # type: ignore[arg-type]
    assert (page, end is None) == ([], False)
    page, end = await History(engine, Pace(2, 0)).page(NOBODY, after=end, **limits)  # type: ignore[arg-type]
    assert (page, end) == ([], None)


async def test_a_page_looks_further_while_it_has_time(engine: AsyncEngine, conninfo: str) -> None:
    await fill(conninfo, 60)
    _, at_once = await read_all(engine, NOBODY, Pace(2, 60), "desc", limit=1, limit_bytes=1)
    _, one_step = await read_all(engine, NOBODY, Pace(2, 0), "desc", limit=1, limit_bytes=1)
    ticks = iter(range(1000))
    slow = Pace(2, 3, clock=lambda: next(ticks))
    _, slowly = await read_all(engine, NOBODY, slow, "desc", limit=1, limit_bytes=1)
    assert at_once == 1
    assert at_once < slowly < one_step


async def test_of_a_device_a_page_looks_at_so_many_events_and_no_more_with_any_time(
    engine: AsyncEngine, conninfo: str
) -> None:
    await fill(conninfo, 60)
    pace = Pace(1, 60, of_a_device=20)
    limits: dict[str, Any] = {"order": "asc", "limit": 2, "limit_bytes": 10**6}
    whole, _ = await History(engine).page(
        Selection(device_id=DEVICE_ID), after=None, **{**limits, "limit": 60}
    )
    for selection in (
        replace(NOBODY, device_id=DEVICE_ID),
        replace(NOBODY, reported=Device(network_access_identifier="device@operator.example")),
    ):
        ends: list[Position | None] = []
        after = None
        while not ends or after is not None:
            page, after = await History(engine, pace).page(selection, after=after, **limits)
            assert page == []
            ends.append(after)
        assert ends == [whole[19].position, whole[39].position, whole[59].position, None]
    _, end = await History(engine, pace).page(NOBODY, after=None, **limits)
    assert end is None


@pytest.mark.parametrize(
    ("selection", "enough"),
    [
        (Selection(device_id=DEVICE_ID), Pace(2, 0, first_step_at_least=60)),
        (Selection(subscription_ids=["s-1"]), Pace(2, 0, first_step_at_least=60)),
        (Selection(), Pace(2, 0, first_step_by_arrival=60)),
    ],
    ids=["device", "subscription", "all"],
)
async def test_the_first_step_looks_at_enough_for_few_events_that_pass(
    engine: AsyncEngine, conninfo: str, selection: Selection, enough: Pace
) -> None:
    await store(conninfo, [arrival(31, kind="subscription", occurred_at=MORNING)])
    await fill(conninfo, 30)
    passing = replace(selection, kinds=["subscription"])
    found = []
    for pace in (Pace(2, 0), enough):
        page, _ = await History(engine, pace).page(
            passing, order="desc", after=None, limit=2, limit_bytes=10**6
        )
        found.append(len(page))
    assert found == [0, 1]


async def test_without_a_filter_a_page_is_full(engine: AsyncEngine, conninfo: str) -> None:
    await fill(conninfo, 20)
    for selection in (
        Selection(),
        Selection(device_id=DEVICE_ID),
        Selection(subscription_ids=["s-1"]),
        Selection(reported=Device(network_access_identifier="device@operator.example")),
    ):
        page, end = await History(engine, Pace(1, 0)).page(
            selection, order="desc", after=None, limit=15, limit_bytes=10**6
        )
        assert len(page) == 15
        assert end == page[-1].position


async def test_what_is_not_settled_is_left_for_the_page_after(
    engine: AsyncEngine, conninfo: str
) -> None:
    for number in range(4):
        await store(conninfo, [arrival(number)])
    page, _ = await History(engine).page(
        Selection(), order="asc", after=None, limit=9, limit_bytes=10**6
    )
    horizon = page[2].stored_at
    before_it = Position(horizon, horizon, 0)
    assert settle(page, None, None, horizon) == (page[:2], before_it)
    assert settle(page[:2], None, None, horizon) == (page[:2], None)
    assert settle(page[:2], page[1].position, None, horizon) == (page[:2], page[1].position)
    # The walk went further than what is settled.
    assert settle([], page[3].position, None, horizon) == ([], before_it)
    assert settle([], page[3].position, page[0].position, horizon) == ([], before_it)
    # The horizon of the page before was a later one.
    assert settle(page[3:], None, page[2].position, page[1].stored_at) == ([], page[2].position)
