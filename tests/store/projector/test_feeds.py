"""What each feed reads, what it leaves to the sweep, and that a database changes its feed."""

from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from receiver.events.axes import Axis
from receiver.store.derived.position import OVERLAP_SECONDS
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import OVERLAPPING, SNAPSHOT, Feed
from receiver.store.projector.projecting import Projection
from receiver.store.projector.sweeping import sweep
from receiver.store.status.statuses import Statuses
from tests.store.projector.conftest import OF_ONE_SERVER
from tests.support.arrivals import arrival
from tests.support.store.database import column, rows

# An event of a transaction that began some seconds before it commits.
OPEN = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, credential, occurred_at,
    received_at, phone_number, connected_network_type, findings, payload
)
SELECT %(device)s, now() - %(seconds)s * interval '1 second', pg_current_xact_id(), '',
    'network-type', 'network-type-changed', type, form, credential, occurred_at, received_at,
    phone_number, %(value)s, findings, payload
FROM event LIMIT 1
"""
DERIVED = """
SELECT value FROM device_status WHERE axis = 'network-type' AND device_id < %s ORDER BY value
"""
IS_TIME = "SELECT position IS NULL FROM projection"
MOVE_BACK = """
WITH passed AS (SELECT %(seconds)s * interval '1 second' AS time), events AS (
    UPDATE event SET stored_at = stored_at - time FROM passed
)
UPDATE projection
SET position_at = position_at - time, derived_before = derived_before - time FROM passed
"""
OURS = UUID(int=1000)


@pytest.fixture
async def both(conninfo: str) -> AsyncIterator[dict[Feed, Projection]]:
    """A projection of each feed."""
    projections = {
        feed: Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None, feed=feed)
        for feed in (SNAPSHOT, OVERLAPPING)
    }
    yield projections
    for projection in projections.values():
        await projection.close()


@pytest.fixture
async def first(ingest: Ingest, projection: Projection) -> Projection:
    """A projection that has derived all there is: one event."""
    await ingest.commit([arrival(1)])
    await projection.derive_all()
    return projection


def open_since(connection: psycopg.Connection, number: int, seconds: float = 0) -> None:
    """Stores an event of its own device, as a transaction does that has been open for so long."""
    device = UUID(int=number)
    connection.execute(OPEN, {"device": device, "seconds": seconds, "value": f"{number}G"})


def let_pass(conninfo: str, seconds: int) -> None:
    """Makes of all times in the database those that they are after so many seconds."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(MOVE_BACK, {"seconds": seconds})


def derived(conninfo: str) -> list[str]:
    with psycopg.connect(conninfo) as connection:
        return [str(value) for (value,) in connection.execute(DERIVED, [OURS]).fetchall()]


async def told(statuses: Statuses, number: int) -> str | None:
    """What the status of a device says, read beyond what is derived."""
    found = await statuses.status(UUID(int=number))
    latest = None if found is None else found.axes[Axis.NETWORK_TYPE].answer.latest
    return None if latest is None else latest.value


@pytest.mark.undistributed("Citus refuses the command by which time passes here")
@pytest.mark.parametrize("seconds", [0, OVERLAP_SECONDS - 1])
@pytest.mark.parametrize("stopped", [0, OVERLAP_SECONDS * 2], ids=["soon", "after a pause"])
async def test_what_commits_late_within_the_overlap_is_answered_at_once_and_derived(
    first: Projection,
    ingest: Ingest,
    statuses: Statuses,
    conninfo: str,
    seconds: int,
    stopped: int,
) -> None:
    with psycopg.connect(conninfo) as late:
        open_since(late, 5, seconds)
        # The position passes the time of the event.
        await ingest.commit([arrival(2)])
        await first.derive_all()
        assert await told(statuses, 5) is None
        late.commit()
    assert await told(statuses, 5) == "5G"
    let_pass(conninfo, stopped)
    assert await told(statuses, 5) == "5G"
    assert derived(conninfo) == []
    await first.derive_all()
    assert derived(conninfo) == ["5G"]
    assert await told(statuses, 5) == "5G"


async def test_what_commits_later_is_derived_by_a_snapshot_at_once_and_by_an_overlap_in_the_sweep(
    first: Projection, feed: Feed, statuses: Statuses, conninfo: str
) -> None:
    with psycopg.connect(conninfo) as late:
        open_since(late, 5, OVERLAP_SECONDS * 10)
        await first.derive_all()
        late.commit()
    await first.derive_all()
    assert derived(conninfo) == (["5G"] if feed is SNAPSHOT else [])
    await sweep(conninfo, statement_timeout_seconds=10)
    assert derived(conninfo) == ["5G"]
    assert await told(statuses, 5) == "5G"


@OF_ONE_SERVER
@pytest.mark.parametrize("feed", [SNAPSHOT], ids=["from a snapshot"])
async def test_a_database_changes_its_feed_and_back_without_a_rebuild(
    first: Projection,
    both: dict[Feed, Projection],
    ingest: Ingest,
    statuses: Statuses,
    conninfo: str,
) -> None:
    with psycopg.connect(conninfo) as one, psycopg.connect(conninfo) as two:
        open_since(one, 5)
        await ingest.commit([arrival(2)])
        await both[OVERLAPPING].derive_all()
        assert column(conninfo, IS_TIME) == ["True"]
        open_since(two, 6, OVERLAP_SECONDS - 1)
        one.commit()
        assert await told(statuses, 5) == "5G"
        with psycopg.connect(conninfo) as connection:
            connection.execute("UPDATE projection SET epoch_at = '2020-01-01'")
        await both[SNAPSHOT].derive_all()
        # What another cluster stored before has transactions that mean nothing in this one.
        assert column(conninfo, "SELECT epoch_at > '2020-01-01' FROM projection") == ["True"]
        assert column(conninfo, IS_TIME) == ["False"]
        assert derived(conninfo) == ["5G"]
        two.commit()
        assert await told(statuses, 6) == "6G"
        await first.derive_all()
    assert derived(conninfo) == ["5G", "6G"]
    assert rows(conninfo, "SELECT rebuilding FROM projection") == [{"rebuilding": None}]


@OF_ONE_SERVER
@pytest.mark.parametrize("feed", [SNAPSHOT], ids=["in turns"])
async def test_projections_of_both_feeds_lose_nothing_to_each_other(
    first: Projection,
    both: dict[Feed, Projection],
    ingest: Ingest,
    statuses: Statuses,
    conninfo: str,
) -> None:
    """As while one replica has the new setting, and another the old one."""
    count = 12
    late = [psycopg.connect(conninfo) for _ in range(3)]
    for number in range(count):
        connection = late[number % len(late)]
        if number >= len(late):
            connection.commit()
            assert await told(statuses, number - len(late)) == f"{number - len(late)}G"
        open_since(connection, number)
        await ingest.commit([arrival(number)])
        await both[SNAPSHOT if number % 2 else OVERLAPPING].derive_all()
    for connection in late:
        connection.commit()
        connection.close()
    await first.derive_all()
    assert derived(conninfo) == sorted(f"{number}G" for number in range(count))


async def test_what_commits_late_is_answered_also_between_the_steps_of_a_peak(
    first: Projection, feed: Feed, ingest: Ingest, statuses: Statuses, conninfo: str
) -> None:
    behind = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None, feed=feed)
    with psycopg.connect(conninfo) as late:
        open_since(late, 5)
        for number in range(2, 8):
            await ingest.commit([arrival(number)])
        await behind.derive(limit=2)
        late.commit()
    assert await told(statuses, 5) == "5G"
    more = [await behind.derive(limit=2) for _ in range(6)]
    await behind.close()
    assert not more[-1]
    assert await told(statuses, 5) == "5G"
    assert derived(conninfo) == ["5G"]


@OF_ONE_SERVER
@pytest.mark.parametrize("feed", [SNAPSHOT], ids=["from a snapshot"])
async def test_a_feed_that_is_far_behind_is_changed_when_it_has_caught_up(
    first: Projection, both: dict[Feed, Projection], ingest: Ingest, conninfo: str
) -> None:
    for start, feed in ((10, OVERLAPPING), (20, SNAPSHOT)):
        for number in range(start, start + 6):
            await ingest.commit([arrival(number)])
        let_pass(conninfo, OVERLAP_SECONDS * 2)
        before = column(conninfo, IS_TIME)
        steps = 0
        while await both[feed].derive(limit=2):
            assert column(conninfo, IS_TIME) == before
            steps += 1
        assert steps > 1
        assert column(conninfo, IS_TIME) == [str(feed is OVERLAPPING)]


@pytest.mark.parametrize("feed", [OVERLAPPING], ids=["overlap"])
async def test_a_time_far_behind_is_caught_up_with_in_steps(
    first: Projection, conninfo: str
) -> None:
    with psycopg.connect(conninfo) as connection:
        for number in range(10, 20):
            # Several at one moment too.
            open_since(connection, number, OVERLAP_SECONDS * (3 + number // 4))
        connection.execute(
            "UPDATE projection SET derived_before = now() - interval '1 hour',"
            " position_at = now() - interval '1 hour'"
        )
    passed = column(conninfo, "SELECT derived_before FROM projection")
    behind = Projection(
        conninfo, statement_timeout_seconds=10, prepare_threshold=None, feed=OVERLAPPING
    )
    while await behind.derive(limit=2):
        passed += column(conninfo, "SELECT derived_before FROM projection")
    await behind.close()
    assert passed == sorted(set(passed))
    assert len(passed) > 3
    assert derived(conninfo) == [f"{number}G" for number in range(10, 20)]


@pytest.mark.parametrize("feed", [OVERLAPPING], ids=["overlap"])
async def test_a_time_means_the_same_in_another_cluster(
    first: Projection, ingest: Ingest, statuses: Statuses, conninfo: str
) -> None:
    """As a restored dump has them: transactions ahead of all of this cluster."""
    with psycopg.connect(conninfo) as connection:
        open_since(connection, 5)
        connection.execute("UPDATE event SET xact = '99999999999'")
    assert await told(statuses, 5) == "5G"
    with psycopg.connect(conninfo) as connection:
        open_since(connection, 6)
    await first.derive_all()
    assert derived(conninfo) == ["5G", "6G"]
    assert rows(conninfo, "SELECT rebuilding FROM projection") == [{"rebuilding": None}]
