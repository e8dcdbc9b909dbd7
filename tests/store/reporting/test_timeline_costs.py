"""A question for one device costs what it has, however many others there are."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from receiver.store.projector import projecting
from receiver.store.projector.feeds import SNAPSHOT, compose_beginning
from tests.support.explaining import blocks

# 20 000 devices of four events each: two subscriptions, one of which names only itself for a tenth
# of the devices.
FILL = """
INSERT INTO event (
    device_id, stored_at, xact, digest, kind, name, type, form, subscription_id, credential,
    occurred_at, received_at, phone_number, connectivity, roaming, country_code, findings, payload
)
SELECT md5(CASE WHEN is_weak THEN 's' || device ELSE device::text END)::uuid, now(),
    pg_current_xact_id(), decode(md5(device || '-' || number), 'hex'), 'connectivity',
    (ARRAY['connectivity-data', 'roaming-status', 'subscription-ended', 'connectivity-data'])
        [number],
    'type', 'cloudevents', 's-' || device, 'operator', moment, moment,
    CASE WHEN NOT is_weak THEN '+99999' || device END,
    CASE WHEN number IN (1, 4) THEN 'CONNECTED_DATA' END, CASE WHEN number = 2 THEN true END,
    CASE WHEN number = 2 THEN 208 END, '{}', '{}'
FROM generate_series(%s::int, %s::int) AS device
CROSS JOIN generate_series(1, 4) AS number
CROSS JOIN LATERAL (
    SELECT device %% 10 = 0 AND number = 4 AS is_weak,
        now() - (5 - number) * interval '1 hour' AS moment
) AS given
"""
# Every subscription is registered; a third of the registrations tell the device.
REGISTER = """
INSERT INTO subscription_registration (
    credential, subscription_id, registered_at, types, device_id, phone_number
)
SELECT 'operator', 's-' || device, now(), '{org.camaraproject.example.v0.roaming-off}',
    CASE WHEN device %% 3 = 1 THEN md5(device::text)::uuid END,
    CASE WHEN device %% 3 = 1 THEN '+99999' || device END
FROM generate_series(0, %s) AS device
"""
DEVICES = 20_000
BLOCKS_MAX = 600


@pytest.fixture(scope="module")
def fleet(module_conninfo: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(module_conninfo, autocommit=True) as connection:
        connection.execute(compose_beginning(SNAPSHOT).encode())
        for start in range(0, DEVICES, 5_000):
            connection.execute(FILL, [start, start + 4_999])
        connection.execute(REGISTER, [DEVICES - 1])
        connection.execute(projecting.REBUILD, {"low": projecting.LOWEST, "high": None})
        connection.execute("ANALYZE")
        yield connection


@pytest.mark.parametrize(
    "view",
    [
        "device",
        "device_link",
        "connectivity_interval",
        "network_type_interval",
        "roaming_session",
        "roaming_stay",
    ],
)
@pytest.mark.parametrize("number", [10, 11])
def test_one_device_touches_few_blocks(fleet: psycopg.Connection, view: str, number: int) -> None:
    device: Any = f"md5('{number}')::uuid"
    question = f"SELECT * FROM reporting.{view} WHERE device_id = {device}"  # noqa: S608 - of this test
    assert blocks(fleet, question) < BLOCKS_MAX


def test_a_range_of_the_fleet_is_read_once(fleet: psycopg.Connection) -> None:
    question = "SELECT count(*) FROM reporting.availability(now() - interval '2 hours', now())"
    # Of each device a few look-ups, in some of the partitions; not the product of both.
    assert blocks(fleet, question) < DEVICES * 100


@pytest.mark.parametrize("number", [10, 11])
def test_one_subscription_touches_few_blocks(fleet: psycopg.Connection, number: int) -> None:
    question = f"SELECT * FROM reporting.subscription WHERE subscription_id = 's-{number}'"  # noqa: S608 - of this test
    question += " AND credential = 'operator'"
    assert blocks(fleet, question) < BLOCKS_MAX


def test_the_uncovered_subscriptions_cost_a_few_look_ups_each(fleet: psycopg.Connection) -> None:
    question = "SELECT credential, subscription_id FROM reporting.subscription WHERE is_uncovered"
    assert blocks(fleet, question) < DEVICES * 100
