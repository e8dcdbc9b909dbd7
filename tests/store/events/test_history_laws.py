"""A page costs what its events cost, however many others are stored.

The fleet has many devices with one or two events each, and one busy device. Where an event has a
device of its own, Postgres expects next to nothing of a comparison by device and digest.
"""

import hashlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any
from uuid import UUID

import psycopg
import pytest

from receiver.events.event import Device
from receiver.store.connections.keyset import Order
from receiver.store.events.columns import sent_at
from receiver.store.events.history import event_statement
from receiver.store.events.keys import EventKey
from receiver.store.events.paging.paths import FEW_DISPLACED, list_paths
from receiver.store.events.paging.statements import has_filters, page_statement
from receiver.store.events.paging.walking import FIRST_STEP
from receiver.store.events.selection import Position, Selection
from receiver.store.events.summaries import (
    LATEST_EVENTS,
    identifiers_statement,
    reporting_statement,
)
from tests.support.store.database import (
    column,
    executed_plan,
    explained,
    explained_by,
    written,
)

BUSY = UUID(int=1)
ADDRESS = IPv4Address("203.0.113.9")
MONTH = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)

# 54 000 devices of one or two events, whose order is not that of their ids; the busy device has
# every tenth event, and its subscription every fiftieth. A minute apart, the events fill a month
# and begin the next one. A network access identifier is the busy device's own, and another one has
# a device for each of its events. Every fourth event comes from behind one address, by a port of
# its own.
FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, subscription_id, credential,
    occurred_at, received_at, network_access_identifier, ipv4_public_address, ipv4_public_port,
    findings, payload
)
SELECT
    CASE WHEN number %% 10 = 0 THEN %(busy)s ELSE md5((number %% 60000)::text)::uuid END,
    %(month)s + number * interval '1 minute',
    pg_current_xact_id(),
    decode(md5('digest' || number), 'hex'),
    CASE WHEN number / 50 %% 2 = 0 THEN 'roaming' ELSE 'connectivity' END,
    'name', 'type', 'cloudevents',
    CASE WHEN number %% 50 = 0 THEN 's-busy' ELSE 's-' || number END,
    'operator',
    %(month)s + number * interval '1 minute',
    %(month)s + number * interval '1 minute',
    CASE WHEN number %% 10 = 0 THEN 'busy@operator.example'
        WHEN number %% 10 = 1 THEN 'nat@operator.example' END,
    CASE WHEN number %% 4 = 1 THEN '203.0.113.9'::inet END,
    CASE WHEN number %% 4 = 1 THEN 1024 + number END,
    '{}', '{}'
FROM generate_series(0, 63999) AS number
"""
FILL_IDENTITIES = f"""
INSERT INTO event_identity (sent_at, device_id, digest, deliveries, last_arrival)
SELECT {sent_at("event")}, device_id, digest, 1, gen_random_uuid() FROM event
"""  # noqa: S608 - composed of constants
FILL_IDENTIFIERS = """
INSERT INTO device_identifier (device_id, kind, value, strength)
SELECT md5(number::text)::uuid, 'phone-number', '+99999' || lpad(number::text, 5, '0'), 3
FROM generate_series(0, 59999) AS number
"""

SELECTIONS = {
    "all": Selection(),
    "kind": Selection(kinds=["roaming"]),
    "subscription": Selection(subscription_ids=["s-busy"]),
    "device": Selection(device_id=BUSY),
    "device-kind": Selection(device_id=BUSY, kinds=["roaming"]),
    "address": Selection(reported=Device(ipv4_public_address=ADDRESS)),
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
        connection.execute(FILL_IDENTIFIERS)
        connection.execute("ANALYZE event, event_identity, device_identifier")
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


def assert_bounded(root: dict[str, Any], limit: int, may: AbstractSet[str] = frozenset()) -> None:
    """Fails if a plan joins, reads a table whole, or reads more than `limit` events are worth.

    Args:
        may: types of nodes that it may have all the same.
    """
    # Postgres may read a partition whole that has no event yet: that visits nothing.
    types = {
        node["Node Type"]
        for node in nodes(root)
        if "Relation Name" not in node or visited(node) > 0
    }
    rows = sum(visited(node) for node in nodes(root))
    buffers = root["Shared Hit Blocks"] + root["Shared Read Blocks"]
    found = f"{rows:.0f} rows, {buffers} buffers, {sorted(types)}"
    assert not types & ({"Seq Scan", "Hash Join", "Merge Join", "Nested Loop"} - may), found
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
    looked_at = FIRST_STEP * limit if has_filters(selection) else None
    question = page_statement(
        selection,
        order=order,
        after=after,
        limit=limit,
        limit_bytes=10**6,
        looked_at=looked_at,
    )
    root = executed_plan(fleet, question)
    # With filters the keys come first, and an event for each.
    assert_bounded(root, limit, {"Nested Loop"} if looked_at else frozenset())


def test_one_event_is_one_row_and_its_identity(fleet: str) -> None:
    [seq] = column(fleet, "SELECT seq FROM event ORDER BY stored_at LIMIT 1")
    root = executed_plan(fleet, event_statement(EventKey(BUSY, MONTH, int(seq))))
    assert root["Actual Rows"] == 1
    assert_bounded(root, 1)
    looked_up = [
        node for node in nodes(root)
        if node.get("Relation Name") == "event_identity" and node["Actual Loops"] > 0
    ]  # fmt: skip
    assert [node["Index Name"] for node in looked_up] == ["event_identity_once"]
    found_by = looked_up[0]["Index Cond"]
    assert all(name in found_by for name in ("sent_at", "device_id", "digest")), found_by


LOOKED_AT = 2000
DAY = timedelta(days=1)
LINKED = [UUID(bytes=hashlib.md5(str(number).encode()).digest()) for number in range(1, 40)]  # noqa: S324 - as in FILL
WALKS = {
    "all": Selection(),
    "findings": Selection(findings=["none"]),
    "device": Selection(device_id=BUSY),
    "linked": Selection(device_id=BUSY, linked=LINKED),
    "subscription": Selection(subscription_ids=["s-busy"]),
    "subscriptions": Selection(subscription_ids=["s-busy", "s-1", "s-2"]),
    "address": Selection(reported=Device(ipv4_public_address=ADDRESS)),
    "received-from": Selection(received_from=MONTH + 3 * DAY),
    "received-to": Selection(received_to=MONTH + 3 * DAY),
    "received": Selection(received_from=MONTH + 9 * DAY, received_to=MONTH + 10 * DAY),
}


def assert_walked(root: dict[str, Any], rows_limit: float) -> None:
    """Fails if a plan reads a table whole, or looks at more rows than are worth a page."""
    types = {node["Node Type"] for node in nodes(root) if visited(node) > 0}
    rows = sum(visited(node) for node in nodes(root))
    buffers = root["Shared Hit Blocks"] + root["Shared Read Blocks"]
    found = f"{rows:.0f} rows, {buffers} buffers, {sorted(types)}"
    assert not types & {"Seq Scan", "Bitmap Heap Scan"}, found
    assert rows <= rows_limit, found
    assert buffers <= BUFFERS_PER_EVENT * rows_limit, found


@pytest.mark.parametrize("selection", WALKS.values(), ids=WALKS)
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("after", [None, AFTER], ids=["first", "after"])
def test_a_page_that_finds_nothing_looks_at_no_more_than_its_bound(
    fleet: str, selection: Selection, order: Order, after: Position | None
) -> None:
    question = page_statement(
        replace(selection, credentials=["nobody"]),
        order=order,
        after=after,
        limit=51,
        limit_bytes=10**6,
        looked_at=LOOKED_AT,
    )
    paths = len(list_paths(selection)) + bool(selection.linked)
    assert_walked(executed_plan(fleet, question), paths * (LOOKED_AT + AT_LEAST))


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [51, 1001])
def test_a_page_of_a_time_of_arrival_begins_there(fleet: str, order: Order, limit: int) -> None:
    selection = Selection(received_from=MONTH + 9 * DAY, received_to=MONTH + 20 * DAY)
    question = page_statement(
        selection, order=order, limit=limit, limit_bytes=10**6, looked_at=50_000
    )
    root = executed_plan(fleet, question)
    assert root["Actual Rows"] == limit
    # An hour and a minute of it lie outside, an event a minute.
    assert_walked(root, 3 * limit + 61 + AT_LEAST)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(device_id=BUSY),
        Selection(device_id=BUSY, linked=LINKED),
        Selection(reported=Device(network_access_identifier="busy@operator.example")),
    ],
    ids=["device", "linked", "identifier"],
)
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [51, 1001])
def test_a_page_of_a_device_and_a_time_of_arrival_looks_at_events_of_that_time(
    fleet: str, selection: Selection, order: Order, limit: int
) -> None:
    day = replace(selection, received_from=MONTH + 9 * DAY, received_to=MONTH + 10 * DAY)
    question = page_statement(day, order=order, limit=limit, limit_bytes=10**6, looked_at=50_000)
    root = executed_plan(fleet, question)
    assert root["Actual Rows"] == min(limit, 144)
    # An event in ten minutes, of the day and of the hour behind it.
    assert_walked(root, 3 * min(limit, 151) + AT_LEAST)


# As if they had waited in a spool for two hours.
DISPLACE = """
UPDATE event SET received_at = stored_at - interval '2 hours'
WHERE (stored_at, seq) IN (SELECT stored_at, seq FROM event WHERE device_id <> %s LIMIT %s)
"""


@pytest.mark.parametrize(
    ("displaced", "rows_limit"),
    [(FEW_DISPLACED, FEW_DISPLACED + 3 * 51), (FEW_DISPLACED + 200, FEW_DISPLACED + LOOKED_AT)],
    ids=["few", "many"],
)
def test_displaced_events_of_other_devices_are_looked_at_up_to_a_bound(
    fleet: str, displaced: int, rows_limit: int
) -> None:
    selection = Selection(
        device_id=BUSY, received_from=MONTH + 9 * DAY, received_to=MONTH + 10 * DAY
    )
    question = page_statement(
        selection, order="asc", limit=51, limit_bytes=10**6, looked_at=LOOKED_AT
    )
    with psycopg.connect(fleet) as connection:
        connection.execute(DISPLACE, [BUSY, displaced])
        root = explained_by(connection, *written(question))
        connection.rollback()
    assert root["Actual Rows"] == 51
    assert_walked(root, rows_limit + AT_LEAST)


def test_by_an_address_other_ports_are_passed_over_in_the_index(fleet: str) -> None:
    for port, expected in ((1025, 1), (1026, 0)):
        device = Device(ipv4_public_address=ADDRESS, ipv4_public_port=port)
        question = page_statement(
            Selection(reported=device), order="desc", limit=51, limit_bytes=10**6
        )
        root = executed_plan(fleet, question)
        assert root["Actual Rows"] == expected
        assert sum(visited(node) for node in nodes(root)) <= 2
        # 16 000 entries of the index, and no event.
        assert root["Shared Hit Blocks"] + root["Shared Read Blocks"] <= 16_000 / 40


def test_what_a_device_reported_is_read_from_its_latest_events(fleet: str) -> None:
    for selection in (Selection(device_id=BUSY), Selection(device_id=BUSY, linked=LINKED)):
        root = executed_plan(fleet, identifiers_statement(selection))
        assert_walked(root, 2 * LATEST_EVENTS + 2 * len(LINKED) + AT_LEAST)


@pytest.mark.parametrize(
    "device",
    [
        Device(network_access_identifier="busy@operator.example"),
        Device(network_access_identifier="nat@operator.example"),
        Device(ipv4_public_address=ADDRESS),
    ],
)
def test_devices_of_an_identifier_are_found_among_its_latest_events(
    fleet: str, device: Device
) -> None:
    assert_walked(
        executed_plan(fleet, reporting_statement(Selection(reported=device))),
        LATEST_EVENTS + AT_LEAST,
    )


REPORTED = "SELECT device_id FROM reporting.device_identifier WHERE value = '+9999900777'"


@pytest.mark.parametrize(
    "report",
    [
        f"SELECT * FROM reporting.event WHERE device_id = ({REPORTED})",  # noqa: S608 - of this test
        f"SELECT * FROM reporting.event WHERE device_id IN ({REPORTED})",  # noqa: S608 - of this test
        f"SELECT * FROM reporting.device WHERE device_id = ({REPORTED})",  # noqa: S608 - of this test
    ],
)
def test_a_report_finds_a_phone_number_by_an_index(fleet: str, report: str) -> None:
    root = explained(fleet, report)
    assert_walked(root, AT_LEAST)


COUNTED = "SELECT kind, count(*) FROM {} WHERE {} GROUP BY kind"


def test_a_report_of_a_month_reads_its_months_as_the_table_does(fleet: str) -> None:
    month = f"stored_at >= '{MONTH + 32 * DAY}'"
    whole, told = (
        explained(fleet, COUNTED.format(table, month)) for table in ("event", "reporting.event")
    )
    assert [node.get("Relation Name") for node in nodes(told)] == [
        node.get("Relation Name") for node in nodes(whole)
    ]
    assert len({node["Relation Name"] for node in nodes(told) if visited(node) > 0}) == 1
    assert told["Shared Hit Blocks"] <= whole["Shared Hit Blocks"] + AT_LEAST
