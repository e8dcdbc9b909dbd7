"""What a step costs, counted: passes over its events, statements, and bytes of the log."""

from collections.abc import Iterator
from typing import Any

import psycopg

from receiver.store.derived.derivation import FACTS, derive
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
