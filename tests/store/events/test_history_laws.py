"""A page costs what its events cost, however many others are stored.

The fleet has many devices with one or two events each, and one busy device. Where an event has a
device of its own, Postgres expects next to nothing of a comparison by device and digest.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from receiver.events.event import Device
from receiver.store.connections.keyset import Order
from receiver.store.events.history import event_statement, page_statement, reporting_statement
from receiver.store.events.keys import EventKey
from receiver.store.events.selection import Position, Selection
from tests.support.store.database import column, executed_plan

BUSY = UUID(int=1)
MONTH = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)

# 50 960 devices of one or two events, whose order is not that of their ids; the busy device has
# every fiftieth event. A minute apart, the events fill a month and begin the next one. A network
# access identifier is the busy device's own, and another one has a device for each of its events.
FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, subscription_id, credential,
    occurred_at, received_at, network_access_identifier, findings, payload
)
SELECT
    CASE WHEN number %% 50 = 0 THEN %(busy)s ELSE md5((number %% 52000)::text)::uuid END,
    %(month)s + number * interval '1 minute',
    pg_current_xact_id(),
    decode(md5('digest' || number), 'hex'),
    CASE WHEN number / 50 %% 2 = 0 THEN 'roaming' ELSE 'connectivity' END,
    'name', 'type', 'cloudevents',
    CASE WHEN number %% 50 = 0 THEN 's-busy' ELSE 's-' || number END,
    'operator',
    %(month)s + number * interval '1 minute',
    %(month)s + number * interval '1 minute',
    CASE number %% 50 WHEN 0 THEN 'busy@operator.example' WHEN 1 THEN 'nat@operator.example' END,
    '{}', '{}'
FROM generate_series(0, 55999) AS number
"""
BUSY_EVENTS = 56_000 // 50
FILL_IDENTITIES = """
INSERT INTO event_identity (device_id, digest, deliveries, last_arrival)
SELECT device_id, digest, 1, gen_random_uuid() FROM event
"""

SELECTIONS = {
    "all": Selection(),
    "kind": Selection(kinds=["roaming"]),
    "subscription": Selection(subscription_ids=["s-busy"]),
    "device": Selection(device_id=BUSY),
    "device-kind": Selection(device_id=BUSY, kinds=["roaming"]),
}
# In the second partition, or where it begins; both orders have events behind it.
AFTER = Position(MONTH + timedelta(days=31), MONTH + timedelta(days=31), 0)

# The row of an event, one that the filter by kind leaves out, and the identity; one more is spare.
ROWS_PER_EVENT = 4
# An identity is three pages of its index and one of its table; an event has as many at most.
BUFFERS_PER_EVENT = 8
# Even a page of one event passes up to 50 of the other kind, and looks into each partition.
AT_LEAST = 64


@pytest.fixture(scope="module")
def fleet(module_conninfo: str) -> str:
    """Stores the fleet, with the statistics that autovacuum would take."""
    with psycopg.connect(module_conninfo, autocommit=True) as connection:
        connection.execute(FILL, {"busy": BUSY, "month": MONTH})
        connection.execute(FILL_IDENTITIES)
        connection.execute("ANALYZE event, event_identity")
    return module_conninfo


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields a node of a plan and all below it."""
    yield node
    for below in node.get("Plans", ()):
        yield from nodes(below)


def visited(node: dict[str, Any]) -> float:
    """Returns how many rows of its table a node of a plan looked at."""
    if "Relation Name" not in node:
        return 0
    left_out = (node.get(f"Rows Removed by {by}", 0) for by in ("Filter", "Index Recheck"))
    rows: float = (node["Actual Rows"] + sum(left_out)) * node["Actual Loops"]
    return rows


def assert_bounded(root: dict[str, Any], limit: int) -> None:
    """Fails if a plan joins, reads a table whole, or reads more than `limit` events are worth."""
    # Postgres may read a partition whole that has no event yet: that visits nothing.
    types = {node["Node Type"] for node in nodes(root) if "Plans" in node or visited(node) > 0}
    rows = sum(visited(node) for node in nodes(root))
    buffers = root["Shared Hit Blocks"] + root["Shared Read Blocks"]
    found = f"{rows:.0f} rows, {buffers} buffers, {sorted(types)}"
    assert not types & {"Seq Scan", "Hash Join", "Merge Join", "Nested Loop"}, found
    assert rows <= ROWS_PER_EVENT * limit + AT_LEAST, found
    assert buffers <= BUFFERS_PER_EVENT * limit + AT_LEAST, found


def test_the_fleet_has_events_in_two_partitions(fleet: str) -> None:
    partitions = column(fleet, "SELECT DISTINCT tableoid::regclass FROM event")
    devices = column(fleet, "SELECT count(DISTINCT device_id) FROM event_identity")
    assert len(partitions) == 2
    assert int(devices[0]) >= 50_000


@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS)
@pytest.mark.parametrize("after", [None, AFTER], ids=["first", "after"])
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 51, 1001])
def test_a_page_visits_no_more_rows_than_its_limit_is_worth(
    fleet: str, selection: Selection, after: Position | None, order: Order, limit: int
) -> None:
    question = page_statement(selection, order=order, after=after, limit=limit, limit_bytes=10**6)
    root = executed_plan(fleet, question)
    assert_bounded(root, limit)


def test_one_event_is_one_row_and_its_identity(fleet: str) -> None:
    [seq] = column(fleet, "SELECT seq FROM event ORDER BY stored_at LIMIT 1")
    root = executed_plan(fleet, event_statement(EventKey(BUSY, MONTH, int(seq))))
    assert root["Actual Rows"] == 1
    assert_bounded(root, 1)


def test_another_device_of_an_identifier_is_found_among_the_events_of_the_identifier(
    fleet: str,
) -> None:
    own = Device(network_access_identifier="busy@operator.example")
    shared = Device(network_access_identifier="nat@operator.example")
    assert_bounded(executed_plan(fleet, reporting_statement(own, other_than=[])), 1)
    assert_bounded(executed_plan(fleet, reporting_statement(own, other_than=[BUSY])), BUSY_EVENTS)
    assert_bounded(executed_plan(fleet, reporting_statement(shared, other_than=[BUSY])), 1)
