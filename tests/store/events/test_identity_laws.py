"""A redelivery is one whatever the key of identities is, and while that changes.

Revision 0018 lets two releases store at once; 0022 fills the sent times and changes the key.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command

import receiver
from receiver.errors import Unavailable
from receiver.events.event import Arrival
from receiver.intake.writer import Writer
from receiver.store.connections.engine import migration_engine
from receiver.store.events.columns import sent_at
from receiver.store.events.history import History
from receiver.store.events.ingest import Ingest
from receiver.store.events.selection import Selection
from receiver.store.schema import filling
from receiver.store.schema.migrating import migrate, take_back
from receiver.store.schema.revisions import is_for_last, known_revisions
from tests.support.arrivals import arrival
from tests.support.lengths import lengths
from tests.support.store.database import alembic_configuration, column
from tests.support.store.earlier import earlier_release
from tests.support.writing import writer

LAST = [revision for revision in known_revisions() if is_for_last(revision)]
REPORTED = "SELECT sender_event_id || ': ' || deliveries FROM reporting.event"
IDENTITIES = "SELECT count(*) FROM event_identity"
KEY = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'event_identity_once'
"""
BY_TIME, BY_DEVICE = (f"PRIMARY KEY ({key}device_id, digest)" for key in ("sent_at, ", ""))


def timeless(number: int, delivery: int = 0) -> Arrival:
    """An event without a time: each of its deliveries occurred when it arrived."""
    one = arrival(number, findings=("time-missing",))
    arrived_at = one.received_at + timedelta(minutes=delivery)
    return one._replace(received_at=arrived_at, event=one.event._replace(occurred_at=arrived_at))


def deliver(numbers: range, delivery: int = 0) -> list[Arrival]:
    """A delivery of events of which every second one has no time."""
    return [timeless(n, delivery) if n % 2 else arrival(n) for n in numbers]


def downgrade(conninfo: str, revision: str) -> None:
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), revision)


async def counted(conninfo: str, history: History) -> dict[str, int]:
    """How often each event was delivered, by the history; the report says the same."""
    page, _ = await history.page(
        Selection(), order="desc", after=None, limit=1000, limit_bytes=10**9
    )
    by_history = {f"{event.event_id}: {event.deliveries}" for event in page}
    reported = column(conninfo, REPORTED)
    assert len(page) == len(reported) == int(column(conninfo, IDENTITIES)[0])
    assert by_history == set(reported)
    return {str(event.event_id): event.deliveries for event in page}


def expected(numbers: range, deliveries: int) -> dict[str, int]:
    return {f"event-{number}": deliveries for number in numbers}


@pytest.mark.parametrize("number", [0, 1], ids=["with-time", "without-time"])
async def test_a_redelivery_is_one_whenever_it_arrives(
    conninfo: str, ingest: Ingest, history: History, number: int
) -> None:
    for delivery in range(3):
        await ingest.commit(deliver(range(number, number + 1), delivery))
    assert await counted(conninfo, history) == {f"event-{number}": 3}
    known = "-infinity" if number else str(arrival(number).event.occurred_at)[:19]
    assert column(conninfo, "SELECT sent_at::text FROM event_identity")[0].startswith(known)


async def test_redeliveries_are_counted_before_between_and_after_the_revisions(
    conninfo: str, ingest: Ingest, history: History
) -> None:
    first, between, after = range(4), range(4, 8), range(8, 10)
    downgrade(conninfo, "0017")
    with earlier_release():
        await ingest.commit(deliver(first))
        await ingest.commit(deliver(range(2), 1))
    assert migrate(conninfo, spares_older=True) == ["0018", "0019", "0020", "0021"]
    assert column(conninfo, KEY) == [BY_DEVICE]
    assert await counted(conninfo, history) == expected(range(2), 2) | expected(range(2, 4), 1)
    # Both releases store now, and each redelivers what the other one stored.
    await ingest.commit(deliver(range(4, 6)))
    with earlier_release():
        await ingest.commit(deliver(range(6, 8)))
        await ingest.commit(deliver(range(4, 6), 2))
        await ingest.commit(deliver(range(1, 3), 2))
    await ingest.commit(deliver(range(1, 7), 3))
    delivered = Counter([*first, 0, 1, 4, 5, 6, 7, 4, 5, 1, 2, *range(1, 7)])
    named = {f"event-{number}": count for number, count in delivered.items()}
    assert await counted(conninfo, history) == named
    assert column(conninfo, "SELECT count(sent_at) FROM event_identity") == ["6"]
    assert migrate(conninfo) == LAST
    assert column(conninfo, KEY) == [BY_TIME]
    assert await counted(conninfo, history) == named
    await ingest.commit(deliver(range(10), 4))
    named = {name: count + 1 for name, count in named.items()} | expected(after, 1)
    assert await counted(conninfo, history) == named
    # Down, stored by the earlier release, and up again.
    downgrade(conninfo, "0017")
    with earlier_release():
        await ingest.commit(deliver(range(11), 5))
    migrate(conninfo)
    await ingest.commit(deliver(range(11), 6))
    named = {name: count + 2 for name, count in named.items()} | {"event-10": 2}
    assert await counted(conninfo, history) == named
    assert len(between) + len(first) + len(after) + 1 == len(named)


async def test_an_earlier_release_stores_nothing_beside_the_last_revision_and_says_so(
    conninfo: str, ingest: Ingest
) -> None:
    await ingest.commit(deliver(range(2)))
    with earlier_release():
        for numbers in (range(2), range(2, 4)):
            with pytest.raises(Unavailable, match="SQLSTATE"):
                await ingest.commit(deliver(numbers, 1))
    assert column(conninfo, "SELECT count(*) FROM event") == ["2"]
    assert column(conninfo, "SELECT sum(deliveries) FROM event_identity") == ["2"]


FAIL = """
CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(sent_at) FROM event_identity) >= 6 THEN
        RAISE EXCEPTION 'cut off';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cut_off BEFORE UPDATE ON event_identity FOR EACH ROW EXECUTE FUNCTION cut_off()
"""
GO_ON = "DROP FUNCTION cut_off CASCADE"
FILLED = "SELECT count(sent_at) FROM event_identity"


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling.fill_by_events, "__defaults__", (3,))
    monkeypatch.setattr(filling.fill_by_blocks, "__defaults__", (1,))


@pytest.mark.usefixtures("small_steps")
async def test_filling_that_was_cut_off_goes_on(
    conninfo: str, ingest: Ingest, history: History
) -> None:
    downgrade(conninfo, "0017")
    with earlier_release():
        for number in range(20):
            await ingest.commit(deliver(range(number, number + 1)))
    migrate(conninfo, spares_older=True)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(FAIL)
        with pytest.raises(Unavailable, match="a migration failed"):
            migrate(conninfo)
        assert column(conninfo, FILLED) == ["6"]
        connection.execute(GO_ON)
        # So would the building of the index, where it was cut off.
        connection.execute("CREATE INDEX event_identity_by_time ON event_identity (deliveries)")
        connection.execute(
            "UPDATE pg_index SET indisvalid = false"
            " WHERE indexrelid = 'event_identity_by_time'::regclass"
        )
    assert migrate(conninfo) == LAST
    assert await counted(conninfo, history) == expected(range(20), 1)
    await ingest.commit(deliver(range(20), 1))
    assert await counted(conninfo, history) == expected(range(20), 2)


async def test_an_identity_without_its_event_has_no_time_and_is_in_no_way_of_the_event(
    conninfo: str, ingest: Ingest, history: History
) -> None:
    downgrade(conninfo, "0017")
    with earlier_release():
        await ingest.commit(deliver(range(4)))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DELETE FROM event")
    migrate(conninfo)
    assert set(column(conninfo, "SELECT sent_at::text FROM event_identity")) == {"-infinity"}
    # An event with a time is a new one then, as its identity would have gone with it.
    await ingest.commit([arrival(0)])
    assert column(conninfo, IDENTITIES) == ["5"]
    downgrade(conninfo, "0017")
    assert column(conninfo, IDENTITIES) == ["4"]
    migrate(conninfo)
    assert column(conninfo, REPORTED) == ["event-0: 1"]


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("count", lengths(90, 3000))
async def test_events_are_stored_once_each_beside_the_whole_change_and_back(
    conninfo: str, ingest: Ingest, count: int
) -> None:
    downgrade(conninfo, "0017")
    with earlier_release():
        for first in range(0, count, 10):
            await ingest.commit(deliver(range(first, first + 10)))
    migrate(conninfo, spares_older=True)
    other = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    delivered: Counter[int] = Counter(range(count))

    async def send(target: Writer, numbers: Sequence[int]) -> None:
        arrivals = [one for number in numbers for one in deliver(range(number, number + 1), 1)]
        await asyncio.gather(*(target.submit(one) for one in arrivals))
        delivered.update(numbers)

    number = 0

    async def send_beside(change: Callable[[str], list[str]]) -> None:
        """Both writers store the same new events, and redeliver old ones, until it is done."""
        nonlocal number
        begun = number
        with ThreadPoolExecutor(1) as pool:
            async with (
                writer(ingest.commit, patience_seconds=30) as one,
                writer(other.commit, patience_seconds=30) as two,
            ):
                changing = pool.submit(change, conninfo)
                while not changing.done() or number - begun < count // 10:
                    new = [count + number, count + number + 1]
                    old = [number % count, (number * 7 + 3) % count]
                    if old[0] == old[1]:
                        old.pop()
                    await asyncio.gather(send(one, new + old), send(two, [*reversed(new), *old]))
                    number += 2
            assert sorted(changing.result()) == LAST

    await send_beside(migrate)
    assert column(conninfo, KEY) == [BY_TIME]
    await send_beside(take_back)
    assert column(conninfo, KEY) == [BY_DEVICE]
    await send_beside(migrate)
    await other.close()
    assert column(conninfo, KEY) == [BY_TIME]
    found = dict(line.split(": ") for line in column(conninfo, REPORTED))
    assert found == {f"event-{number}": str(times) for number, times in delivered.items()}
    assert len(found) == int(column(conninfo, IDENTITIES)[0])


@pytest.mark.parametrize("view", ["event", "sender"])
def test_the_views_look_identities_up_by_the_time_that_the_insert_writes(view: str) -> None:
    path = Path(receiver.__file__).parent / "store" / "reporting" / f"{view}.sql"
    assert f"event_identity.sent_at = {sent_at('event')} AND" in re.sub(
        r"\s+", " ", path.read_text()
    )
