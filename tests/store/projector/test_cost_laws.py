"""What a step costs, counted: passes over its events, statements, and bytes of the log."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from receiver.store.derived.derivation import FACTS, derive
from receiver.store.events.ingest import Ingest
from receiver.store.projector.feeds import OVERLAPPING, SNAPSHOT, Feed, compose_beginning
from receiver.store.projector.projecting import GROWTH, HAS_WORK, LOCK, Projection
from tests.support.arrivals import arrival
from tests.support.explaining import blocks
from tests.support.store.database import column, explained_by

Node = dict[str, Any]


def walk(node: Node) -> Iterator[Node]:
    """Yields a node of a plan and all below it."""
    yield node
    for part in node.get("Plans", ()):
        yield from walk(part)


def find(root: Node, subplan: str) -> Node:
    [found] = [node for node in walk(root) if node.get("Subplan Name") == f"CTE {subplan}"]
    return found


def types(nodes: Iterator[Node]) -> list[str]:
    return [node["Node Type"] for node in nodes]


def test_registers_are_derived_in_one_pass_over_what_the_events_say(conninfo: str) -> None:
    """No plan joins the events with themselves, whatever their number is taken for."""
    with psycopg.connect(conninfo) as connection:
        for source in ("event", FACTS):
            root = explained_by(connection, f"WITH {derive(['true'], source=source)} SELECT", None)
            added = next(node for node in find(root, "registers")["Plans"])
            names = types(walk(added))
            assert names.count("Sort") == 1
            assert names.count("WindowAgg") == 2
            assert [name for name in names if "Join" in name or "Loop" in name] == []
            # The events themselves are read once, by whichever part comes first.
            scanned = [node for node in walk(root) if node.get("Alias") == "event"]
            assert scanned == [node for node in walk(find(root, "fact")) if node in scanned]
            # Postgres prepares the expressions of each row of such a list anew.
            beside_events = [*walk(added), *walk(find(root, "identifiers"))]
            assert "Values Scan" not in types(iter(beside_events))


# As an import of months in one transaction, so that to the planner each one has thousands.
MANY = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, credential, occurred_at,
    received_at, findings, payload
)
SELECT gen_random_uuid(), now() - interval '1 hour', '3', '', 'roaming', 'roaming-status', 'type',
    'cloudevents', 'operator', now(), now(), '{}', '{}'
FROM generate_series(1, 5000)
"""
# A transaction that never ends is behind as well.
BEHIND_SINCE = {
    SNAPSHOT: "UPDATE projection SET position = '900:1000:900,950'",
    OVERLAPPING: "UPDATE projection SET derived_before = now()",
}


def test_a_look_for_work_reads_the_same_few_blocks_whatever_is_stored(
    conninfo: str, feed: Feed
) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(compose_beginning(feed))
        connection.execute("UPDATE projection SET derivation = rebuilding, rebuilding = NULL")
        connection.execute(BEHIND_SINCE[feed])
        looks = []
        for _ in range(3):
            connection.execute(MANY)
            connection.execute("ANALYZE event")
            looks.append(blocks(connection, HAS_WORK))
            assert connection.execute(HAS_WORK).fetchone() == (False,)
    assert max(looks) <= min(looks) + 2 <= 30


UNDERIVED = """
SELECT count(*) FROM event, projection
WHERE NOT pg_visible_in_snapshot(xact, position::pg_snapshot)
"""


def count_underived(conninfo: str) -> int:
    [count] = column(conninfo, UNDERIVED)
    return int(count)


@pytest.mark.parametrize("feed", [SNAPSHOT], ids=["snapshot"])
async def test_no_step_of_a_peak_is_much_larger_than_its_limit(
    conninfo: str, ingest: Ingest, projection: Projection
) -> None:
    """Each finds more than the one before, because more was stored while that one worked."""
    await projection.derive_all()
    limit, number = 2 * GROWTH, 0
    for events in (1, 3, 12, 30):
        for _ in range(events):
            number += 1
            await ingest.commit([arrival(number)])
        before = count_underived(conninfo)
        has_more = await projection.derive(limit=limit)
        left = count_underived(conninfo)
        assert before - left == min(before, limit)
        assert has_more == (left > 0)


@pytest.mark.parametrize("feed", [SNAPSHOT], ids=["snapshot"])
async def test_no_step_after_a_pause_is_larger_than_its_limit(
    conninfo: str, ingest: Ingest, projection: Projection
) -> None:
    """As after an erasure, which holds the row of the position."""
    await projection.derive_all()
    with psycopg.connect(conninfo) as holding:
        holding.execute("SELECT FROM projection FOR UPDATE")
        for number in range(20):
            await ingest.commit([arrival(number)])
        assert not await projection.derive(limit=8)
    left = []
    while await projection.derive(limit=8):
        left.append(count_underived(conninfo))
    assert left == [12, 4]


async def test_a_step_waits_for_no_disk_and_sees_the_values_of_its_bounds(
    conninfo: str, projection: Projection
) -> None:
    await projection.derive_all()
    shown = ("synchronous_commit", "plan_cache_mode")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        with connection.transaction():
            assert connection.execute(LOCK).rowcount == 1
            found = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in shown]
        assert found == [("off",), ("force_custom_plan",)]
        # What else the session of a pooler does is as durable as ever.
        found = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in shown]
    assert found == [("on",), ("auto",)]
