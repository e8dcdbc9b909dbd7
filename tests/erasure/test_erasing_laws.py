"""After an erasure all is as if the device had never been, whoever works beside it."""

import asyncio
from collections.abc import Sequence

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.errors import Unavailable
from receiver.events.event import Device, Status
from receiver.store.connections.engine import question_engine
from receiver.store.erasure import events as erased_events
from receiver.store.erasure import recording
from receiver.store.erasure.subjects import Asked
from receiver.store.events.ingest import Ingest
from receiver.store.projector.projecting import START_REBUILD
from receiver.store.status.statuses import Statuses
from tests.support.dropping import clear
from tests.support.erasing import (
    derive,
    make_eraser,
    projecting,
    read_derived,
    read_halves,
    rebuild,
)
from tests.support.facts import DEVICES, NAMESPACE, Told, told
from tests.support.lengths import lengths
from tests.support.replaying import answered, specified
from tests.support.store.database import column
from tests.support.store.history import store

HISTORIES = st.lists(told(), min_size=1, max_size=20, unique_by=lambda event: event.digest)
MINE, YOURS = DEVICES[0], DEVICES[1]
EVENTS = "SELECT count(*) FROM event WHERE device_id = '{}'"


def event(number: int, device: Device = MINE, subscription: str | None = None) -> Told:
    return Told(device, subscription, "roaming-on", Status(roaming=True), number % 50, 0, number)


def remaining(conninfo: str, events: Sequence[Told]) -> list[Told]:
    """The events of devices that have one still."""
    kept = set(column(conninfo, "SELECT DISTINCT device_id FROM event"))
    return [event for event in events if str(event.device_id) in kept]


async def require_specified(conninfo: str, events: Sequence[Told]) -> None:
    """Every status is that of the events that there are."""
    engine = question_engine(
        conninfo, pool_size=2, statement_timeout_seconds=10, prepare_threshold=None
    )
    try:
        statuses = Statuses(engine)
        for device_id in sorted({event.device_id for event in events}):
            status = await statuses.status(device_id)
            assert status is not None
            assert answered(status) == specified(device_id, events)
    finally:
        await engine.dispose()


@pytest.mark.parametrize("examples", lengths(3, 300))
def test_the_answers_of_all_others_are_those_of_their_own_events(
    module_conninfo: str, examples: int
) -> None:
    conninfo = module_conninfo

    async def erase(history: Sequence[Told], whom: int, is_derived: bool) -> None:
        clear(conninfo)
        await derive(conninfo)
        await store(conninfo, [each.arrival for each in history])
        if is_derived:
            await derive(conninfo)
        device_id = history[whom % len(history)].device_id
        before = {each.device_id for each in history}
        removed = (await make_eraser(conninfo, NAMESPACE).forget(Asked(device_id), None)).removed
        left = remaining(conninfo, history)
        gone = before - {each.device_id for each in left}
        assert device_id in gone
        assert removed.events == sum(each.device_id in gone for each in history)
        assert read_halves(conninfo) == []
        await require_specified(conninfo, left)
        await derive(conninfo)
        await require_specified(conninfo, left)
        derived = read_derived(conninfo)
        await rebuild(conninfo)
        assert read_derived(conninfo) == derived
        # It comes again, and is as new.
        await store(conninfo, [each.arrival for each in history])
        await require_specified(conninfo, history)

    @settings(max_examples=examples, deadline=None)
    @given(HISTORIES, st.integers(0, 19), st.booleans())
    def law(history: list[Told], whom: int, is_derived: bool) -> None:
        asyncio.run(erase(history, whom, is_derived))

    law()


@pytest.mark.parametrize("rounds", lengths(4, 100))
async def test_nothing_is_half_there_while_all_work_at_once(conninfo: str, rounds: int) -> None:
    """Intake redelivers and tells anew, the projector derives and rebuilds, and all is erased."""
    mine, yours = event(0).device_id, event(0, YOURS).device_id
    await derive(conninfo)
    is_over = False
    delivered = 0

    async def send(first: int) -> None:
        nonlocal delivered
        ingest = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=2)
        number = first
        try:
            while not is_over:
                batch = [
                    each
                    for n in range(number, number + 6)
                    for each in (
                        event(n % 40),
                        event(n % 40, YOURS),
                        event(n % 40, subscription="s-1"),
                    )
                ]
                await ingest.commit([each.arrival for each in batch])
                number += 2
                delivered += 1
        finally:
            await ingest.close()

    async def project() -> None:
        async with projecting(conninfo) as projection:
            while not is_over:
                if not await projection.derive(limit=20):
                    await asyncio.sleep(0.002)
                if delivered % 7 == 0:
                    await asyncio.to_thread(_begin_rebuild, conninfo)

    eraser = make_eraser(conninfo, NAMESPACE)
    async with asyncio.TaskGroup() as tasks:
        for first in (0, 20):
            tasks.create_task(send(first))
        tasks.create_task(project())
        for _ in range(rounds):
            before = delivered
            while delivered < before + 3:
                await asyncio.sleep(0.005)
            await eraser.forget(Asked(mine), None)
            assert read_halves(conninfo) == []
        is_over = True
    assert read_halves(conninfo) == []
    assert column(conninfo, EVENTS.format(yours)) == ["40"]
    await derive(conninfo)
    derived = read_derived(conninfo)
    await rebuild(conninfo)
    assert read_derived(conninfo) == derived
    last = (await eraser.forget(Asked(mine), None)).removed
    assert column(conninfo, EVENTS.format(mine)) == ["0"]
    assert last.events == last.identities
    assert not any(str(mine) in row for row in read_derived(conninfo))


def _begin_rebuild(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(START_REBUILD.encode())


@pytest.mark.parametrize("calls", [0, 5])
async def test_what_is_cut_off_goes_on_and_ends_as_if_it_had_not_been(
    conninfo: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await derive(conninfo)
    nai = DEVICES[2]
    history = [event(n) for n in range(4)]
    history += [event(9, nai, "s-1"), event(10, DEVICES[4]), event(11, DEVICES[5], "s-1")]
    history += [event(12, YOURS, "s-2")]
    await store(conninfo, [each.arrival for each in history])
    await derive(conninfo)
    monkeypatch.setattr(erased_events.remove_events, "__defaults__", (1,))
    left = calls

    async def count(*arguments: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Unavailable("cut off")

    eraser = make_eraser(conninfo, NAMESPACE)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(recording, "count", count)
        with pytest.raises(Unavailable):
            await eraser.forget(Asked(history[0].device_id), None)
    assert read_halves(conninfo) == []
    assert column(conninfo, "SELECT count(ended_at) FROM erasure") == ["0"]
    await rebuild(conninfo)
    await eraser.forget(Asked(history[0].device_id), None)
    assert set(column(conninfo, "SELECT device_id FROM event")) == {str(history[-1].device_id)}
    assert column(conninfo, "SELECT count(*) FROM event_identity") == ["1"]
    assert {row.partition("device_id")[2][4:40] for row in read_derived(conninfo)} == {
        str(history[-1].device_id)
    }
