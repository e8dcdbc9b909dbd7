"""The feed skips nothing, stands still for nobody, and one of several projectors works."""

from uuid import UUID

import psycopg
import pytest

from receiver.errors import DatabaseAway, NotDerivedYet
from receiver.events.axes import Axis
from receiver.events.event import Status
from receiver.store.derived import behind
from receiver.store.derived.derivation import DERIVATION
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import OVERLAPPING, SNAPSHOT, Feed
from receiver.store.projector.projecting import BUSY_EVENTS, Projection
from receiver.store.status.statuses import Statuses
from tests.store.projector.conftest import OF_ONE_SERVER
from tests.support.facts import DEVICES, Told
from tests.support.store.database import column, rows

DEVICE = DEVICES[0]
DERIVED = "SELECT value FROM device_status WHERE axis = 'network-type' ORDER BY value"
DERIVED_ROWS = "SELECT device_status::text FROM device_status ORDER BY device_id, axis"
COPY = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, credential, occurred_at,
    received_at, phone_number, connected_network_type, findings, payload
)
SELECT %(device)s, now(), pg_current_xact_id(), decode(md5(%(value)s), 'hex'), kind, name, type,
    form, credential, occurred_at, received_at, phone_number, %(value)s, findings, payload
FROM event LIMIT 1
"""
STRIKE = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Beyond the overlap.
AGE = "UPDATE event SET stored_at = stored_at - interval '1 minute'"


def event(value: str, minute: int = 0) -> Told:
    status = Status(connected_network_type=value)
    return Told(DEVICE, None, "network-type-changed", status, minute, 0, 0)


@pytest.fixture
async def started(ingest: Ingest, projection: Projection) -> Projection:
    """A projection that has derived all there is: one event."""
    await ingest.commit([event("3G").arrival])
    await projection.derive_all()
    return projection


async def test_what_is_stored_is_derived(
    started: Projection, ingest: Ingest, conninfo: str
) -> None:
    assert column(conninfo, DERIVED) == ["3G"]
    await ingest.commit([event("4G", 1).arrival])
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["4G"]


@pytest.mark.undistributed("Citus refuses the command by which time passes here")
async def test_an_idle_projection_writes_nothing(started: Projection, conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(AGE)
    before = rows(conninfo, "SELECT xmin::text, position_at FROM projection")
    for _ in range(3):
        await started.derive_all()
    assert before == rows(conninfo, "SELECT xmin::text, position_at FROM projection")


@pytest.mark.undistributed("Citus refuses the command by which time passes here")
async def test_a_busy_projection_looks_once_more_and_then_writes_nothing(
    started: Projection, ingest: Ingest, conninfo: str
) -> None:
    await ingest.commit([event("4G", minute).arrival for minute in range(1, BUSY_EVENTS + 1)])
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["4G"]
    # What is stored meanwhile is in the step that does not look for work first.
    await ingest.commit([event("5G", BUSY_EVENTS + 1).arrival])
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["5G"]
    with psycopg.connect(conninfo) as connection:
        connection.execute(AGE)
    await started.derive_all()
    before = rows(conninfo, "SELECT xmin::text, position_at FROM projection")
    await started.derive_all()
    assert before == rows(conninfo, "SELECT xmin::text, position_at FROM projection")


async def test_a_transaction_that_commits_late_is_not_skipped(
    started: Projection, ingest: Ingest, conninfo: str
) -> None:
    with psycopg.connect(conninfo) as slow, psycopg.connect(conninfo) as given_up:
        slow.execute(COPY, {"device": UUID(int=1), "value": "slow"})
        given_up.execute(COPY, {"device": UUID(int=2), "value": "never"})
        await ingest.commit([event("4G", 1).arrival])
        await started.derive_all()
        # A transaction that stays open does not hold up the others.
        assert column(conninfo, DERIVED) == ["4G"]
        await ingest.commit([event("5G", 2).arrival])
        await started.derive_all()
        given_up.rollback()
        slow.commit()
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["5G", "slow"]


@pytest.mark.undistributed("Citus refuses the command by which time passes here")
async def test_a_late_commit_is_not_skipped_where_many_events_are_behind(
    started: Projection, ingest: Ingest, conninfo: str, feed: Feed
) -> None:
    with psycopg.connect(conninfo) as slow:
        slow.execute(COPY, {"device": UUID(int=1), "value": "slow"})
        for minute in range(1, 8):
            await ingest.commit([event("4G", minute).arrival])
        if feed is OVERLAPPING:
            # A step ends before the overlap alone.
            with psycopg.connect(conninfo) as connection:
                connection.execute(AGE)
                connection.execute(
                    "UPDATE projection SET derived_before = derived_before - interval '2 minutes'"
                )
        behind = Projection(
            conninfo, statement_timeout_seconds=10, prepare_threshold=None, feed=feed
        )
        steps = 0
        while await behind.derive(limit=2):
            steps += 1
        await behind.close()
        assert steps > 2
        slow.commit()
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["4G", "slow"]


async def test_a_batch_larger_than_a_step_is_derived(
    started: Projection, ingest: Ingest, conninfo: str
) -> None:
    await ingest.commit([event("5G", minute).arrival for minute in range(1, 9)])
    for _ in range(9):
        await started.derive(limit=2)
    assert column(conninfo, DERIVED) == ["5G"]
    assert not await started.derive(limit=2)


async def test_of_two_projections_one_works_and_the_other_goes_on_when_it_is_gone(
    started: Projection, ingest: Ingest, conninfo: str
) -> None:
    await ingest.commit([event("4G", 1).arrival])
    with psycopg.connect(conninfo) as other:
        other.execute("SELECT FROM projection FOR UPDATE")
        assert not await started.derive()
        assert column(conninfo, DERIVED) == ["3G"]
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["4G"]


async def test_events_of_another_cluster_are_derived_and_new_ones_after_them(
    started: Projection, ingest: Ingest, statuses: Statuses, conninfo: str
) -> None:
    """As a restored dump has them: transactions ahead of all of this cluster."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(COPY, {"device": UUID(int=1), "value": "restored"})
        connection.execute("UPDATE event SET xact = '99999999999'")
        connection.execute(
            "UPDATE projection SET system_identifier = 1, position = '9000:9000:',"
            " derived_before = NULL"
        )
        connection.execute("DELETE FROM device_status")
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["3G", "restored"]
    await ingest.commit([event("4G", 1).arrival])
    status = await statuses.status(event("4G").device_id)
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["4G", "restored"]
    again = await statuses.status(event("4G").device_id)
    assert status is not None
    assert again is not None
    assert status.axes == again.axes


async def test_a_rebuild_withdraws_what_older_logic_derived(
    started: Projection, ingest: Ingest, conninfo: str
) -> None:
    told = [event("4G", 1)._replace(device=device) for device in DEVICES[:5]]
    await ingest.commit([each.arrival for each in told])
    await started.derive_all()
    expected = column(conninfo, DERIVED_ROWS)
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE device_status SET value = 'wrong', effective_at = '2099-01-01'")
        connection.execute("UPDATE projection SET derivation = %s", [DERIVATION - 1])
        connection.execute("DELETE FROM device_identifier")
    while await started.derive(limit=2):
        pass
    assert expected == column(conninfo, DERIVED_ROWS)
    assert column(conninfo, "SELECT count(*) FROM device_identifier") == ["5"]
    assert rows(conninfo, "SELECT derivation, rebuilding FROM projection") == [
        {"derivation": DERIVATION, "rebuilding": None}
    ]


async def test_the_derivation_of_a_newer_release_is_left_alone(
    started: Projection, ingest: Ingest, conninfo: str
) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE projection SET derivation = %s", [DERIVATION + 1])
    await ingest.commit([event("4G", 1).arrival])
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["3G"]


async def test_before_the_first_derivation_nothing_is_claimed(
    ingest: Ingest, statuses: Statuses
) -> None:
    await ingest.commit([event("4G", 1).arrival])
    with pytest.raises(NotDerivedYet):
        await statuses.status(event("4G").device_id)


async def test_a_projection_that_failed_goes_on_with_another_connection(
    started: Projection, ingest: Ingest, conninfo: str
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(STRIKE)
        with pytest.raises(DatabaseAway):
            await started.derive()
    fresh = Ingest(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    await fresh.commit([event("4G", 1).arrival])
    await fresh.close()
    await started.derive_all()
    assert column(conninfo, DERIVED) == ["4G"]


@OF_ONE_SERVER
@pytest.mark.parametrize("feed", [SNAPSHOT], ids=["snapshot"])
async def test_a_step_that_failed_is_tried_again_in_parts(
    started: Projection, ingest: Ingest, conninfo: str
) -> None:
    assert not await started.derive()
    for minute in range(1, 5):
        await ingest.commit([event("4G", minute).arrival])
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(STRIKE)
    with pytest.raises(DatabaseAway):
        await started.derive()
    assert await started.derive(limit=2)
    assert not await started.derive(limit=2)
    assert column(conninfo, DERIVED) == ["4G"]


async def test_a_question_far_behind_says_as_of_when_it_answers(
    started: Projection,
    ingest: Ingest,
    statuses: Statuses,
    conninfo: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for limit in ("TAIL_LIMIT", "OVERLAP_LIMIT"):
        monkeypatch.setattr(behind, limit, 1)
    await ingest.commit([event("4G", minute).arrival for minute in (1, 2)])
    found = await statuses.status(event("3G").device_id)
    assert found is not None
    [position_at] = column(conninfo, "SELECT position_at FROM projection")
    assert str(found.as_of) == position_at
    latest = found.axes[Axis.NETWORK_TYPE].answer.latest
    assert latest is not None
    assert latest.value == "3G"
    assert await statuses.status(UUID(int=7)) is None
