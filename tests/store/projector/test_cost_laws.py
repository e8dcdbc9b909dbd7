"""What a step costs, counted: passes over its events, statements, and bytes of the log."""

from collections.abc import Iterator
from typing import Any

import psycopg

from receiver.store.derived.derivation import FACTS, derive
from receiver.store.projector.feeds import OVERLAPPING, SNAPSHOT, Feed, compose_beginning
from receiver.store.projector.projecting import HAS_WORK
from tests.support.explaining import blocks
from tests.support.store.database import explained_by

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
