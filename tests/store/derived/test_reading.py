"""An answer costs what its device costs, however many others there are."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from receiver.events.axes import Axis
from receiver.projection.links import Via
from receiver.store.derived import beginnings, behind, linking, projecting, reading

# 50 000 devices of two events each, with a subscription, registers and a network access identifier.
FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, subscription_id, credential,
    occurred_at, received_at, phone_number, network_access_identifier, connectivity, findings,
    payload
)
SELECT md5((number %% 50000)::text)::uuid, now(), pg_current_xact_id(),
    decode(md5('digest' || number), 'hex'), 'connectivity', 'connectivity-data', 'type',
    'cloudevents', 's-' || number %% 50000, 'operator', now() - number * interval '1 second', now(),
    '+99999' || number %% 50000, 'u' || number %% 50000 || '@operator.example', 'CONNECTED_DATA',
    '{}', '{}'
FROM generate_series(%s::int, %s::int) AS number
"""
TAIL_EVENTS = 50
BLOCKS_MAX = 400


@pytest.fixture(scope="module")
def fleet(module_conninfo: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with a fleet, all of it derived but the last few events."""
    with psycopg.connect(module_conninfo, autocommit=True) as connection:
        connection.execute(projecting.BEGIN)
        for start in range(0, 100_000, 5_000):
            connection.execute(FILL, [start, start + 4_999])
        with connection.transaction():
            connection.execute(projecting.FORGET, {"low": projecting.LOWEST, "high": None})
            connection.execute(projecting.REBUILD, {"low": projecting.LOWEST, "high": None})
            connection.execute(
                projecting.STEP,
                {**position(connection), "end": None, "end_at": None},
            )
        connection.execute(FILL, [100_000, 100_000 + TAIL_EVENTS - 1])
        connection.execute("ANALYZE")
        yield connection


def position(connection: psycopg.Connection) -> dict[str, Any]:
    row = connection.execute(projecting.LOCK).fetchone()
    assert row is not None
    return {"xmax": row[0], "running": row[1], "epoch_at": row[2]}


def blocks(connection: psycopg.Connection, question: str, **parameters: object) -> int:
    """Returns how many blocks of the database a statement touches; it changes nothing."""
    with connection.transaction(force_rollback=True):
        explained = connection.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {question}", parameters
        )
        [([found],)] = explained.fetchall()
    plan = found["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.fixture
def device(fleet: psycopg.Connection) -> Any:
    [(device_id,)] = fleet.execute("SELECT device_id FROM device_status LIMIT 1").fetchall()
    return device_id


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(behind.BACKLOG, id="backlog"),
        pytest.param(linking.OWN_EVIDENCE, id="evidence-of-its-own"),
        pytest.param(linking.SHARED_EVIDENCE, id="evidence-of-others"),
        pytest.param(reading.TAIL, id="tail"),
        pytest.param(reading.REGISTERS, id="registers"),
        pytest.param(reading.SUBSCRIPTIONS, id="subscriptions"),
        pytest.param(beginnings.BEGINNINGS, id="beginnings"),
    ],
)
def test_an_answer_about_one_device_touches_few_blocks(
    fleet: psycopg.Connection, device: object, question: str
) -> None:
    parameters = {
        **position(fleet),
        "device": device,
        "devices": [device] * len(Axis),
        "limit": 10_001,
        "places": list(range(len(Axis))),
        "axes": list(Axis),
        "texts": ["CONNECTED_DATA", "true", "FR", "5G"],
        "ats": ["2020-01-01"] * len(Axis),
        "specificities": [1] * len(Axis),
        "digests": [b""] * len(Axis),
        "vias": list(Via),
        "credentials": ["operator", ""],
        "values": ["s-1", "u1@operator.example"],
    }
    assert blocks(fleet, question, **parameters) < BLOCKS_MAX


def test_a_look_for_work_and_a_step_read_what_is_new_alone(fleet: psycopg.Connection) -> None:
    bounds = {**position(fleet), "limit": 4000, "end": None, "end_at": None}
    assert blocks(fleet, projecting.HAS_WORK) < BLOCKS_MAX
    assert blocks(fleet, projecting.FIND_END, **bounds) < BLOCKS_MAX
    # Of each event its indexes and registers.
    assert blocks(fleet, projecting.STEP, **bounds) < TAIL_EVENTS * 100
