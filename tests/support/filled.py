"""A database with a fleet of 50 000 devices, and what a question touches of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
import pytest

from receiver.events.axes import Axis
from receiver.store.derived.position import read_bounds
from receiver.store.projector import feeds, projecting
from tests.support.cluster import Cluster

# 50 000 devices of two events each, with a subscription, registers and a network access identifier;
# one in 25 roams.
FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, subscription_id, credential,
    occurred_at, received_at, phone_number, network_access_identifier, connectivity, roaming,
    country_code, country_name, connected_network_type, findings, payload
)
SELECT md5((number %% 50000)::text)::uuid, now(), pg_current_xact_id(),
    decode(md5('digest' || number), 'hex'), 'connectivity', 'connectivity-data', 'type',
    'cloudevents', 's-' || number %% 50000, 'operator', now() - number * interval '1 second', now(),
    '+99999' || number %% 50000, 'u' || number %% 50000 || '@operator.example', 'CONNECTED_DATA',
    number %% 25 = 0, CASE WHEN number %% 25 = 0 THEN 208 END,
    CASE WHEN number %% 100 = 0 THEN '{BL,MF}'::text[] WHEN number %% 25 = 0 THEN '{FR}' END,
    2 + number %% 4 || 'G', '{}', '{}'
FROM generate_series(%s::int, %s::int) AS number
"""
TAIL_EVENTS = 50


@pytest.fixture(scope="session")
def filled(cluster: Cluster, template: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with the fleet, for tests that change nothing."""
    with cluster.copied(template) as url, filling(url) as connection:
        yield connection


@contextmanager
def filling(url: str) -> Iterator[psycopg.Connection]:
    """Fills a database with the fleet, all of it derived but the last few events."""
    with psycopg.connect(url, autocommit=True) as connection:
        for start in range(0, 100_000, 5_000):
            connection.execute(FILL, [start, start + 4_999])
        connection.execute(feeds.compose_beginning(feeds.SNAPSHOT).encode())
        connection.execute(projecting.FORGET, {"low": projecting.LOWEST, "high": None})
        connection.execute(projecting.REBUILD, {"low": projecting.LOWEST, "high": None})
        connection.execute(FILL, [100_000, 100_000 + TAIL_EVENTS - 1])
        connection.execute("ANALYZE")
        yield connection


def position(connection: psycopg.Connection) -> dict[str, Any]:
    row = connection.execute(projecting.LOCK).fetchone()
    assert row is not None
    return read_bounds(row)


# As they are after a rebuild, until Postgres looks at the tables.
FORGET_STATISTICS = """
WITH known AS (
    DELETE FROM pg_statistic WHERE starelid IN (
        'device_status'::regclass, 'subscription'::regclass, 'device_identifier'::regclass
    )
)
UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0
WHERE oid IN ('device_status'::regclass, 'subscription'::regclass, 'device_identifier'::regclass)
"""


@contextmanager
def statistics(connection: psycopg.Connection, *, are_there: bool) -> Iterator[None]:
    """Lets the planner know what the derived tables hold, or know nothing of it in the block."""
    with connection.transaction(force_rollback=True):
        if not are_there:
            connection.execute(FORGET_STATISTICS)
        yield


def blocks(connection: psycopg.Connection, question: str, **parameters: object) -> int:
    """Returns how many blocks of the database a statement touches; it changes nothing."""
    with connection.transaction(force_rollback=True):
        explained = connection.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {question}", parameters
        )
        [([found],)] = explained.fetchall()
    plan = found["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def asked(values: Iterable[tuple[object, Axis, str]], at: object = "2020-01-01T00:00:00Z") -> str:
    """Returns the parameter of BEGINNINGS for values of devices.

    Args:
        at: the moment behind which a value begins.
    """
    return orjson.dumps(
        [
            {
                "place": place,
                "device_id": device_id,
                "axis": axis,
                "value": value,
                "at": at,
                "specificity": 1,
                "digest": "",
            }
            for place, (device_id, axis, value) in enumerate(values)
        ]
    ).decode()
