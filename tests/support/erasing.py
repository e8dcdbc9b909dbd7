"""Erasures in tests, and arrivals whose device is the one that their identifiers make."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from receiver.erasure.erasing import Eraser
from receiver.events.devices.identity import identify
from receiver.events.event import Arrival
from receiver.store.connections.database import connect_async
from receiver.store.projector.projecting import START_REBUILD, Projection
from tests.support.arrivals import NAMESPACE, arrival

DERIVED = """
SELECT to_jsonb(each)::text FROM device_status AS each
UNION ALL SELECT to_jsonb(each)::text FROM subscription AS each
UNION ALL SELECT to_jsonb(each)::text FROM device_identifier AS each
ORDER BY 1
"""

# Events without their identity, and identities without their event.
HALVES = """
SELECT 'event', device_id FROM event AS one WHERE NOT EXISTS (
    SELECT FROM event_identity AS other
    WHERE other.device_id = one.device_id AND other.digest = one.digest
        AND other.sent_at = one.occurred_at
)
UNION ALL
SELECT 'identity', device_id FROM event_identity AS one WHERE NOT EXISTS (
    SELECT FROM event AS other WHERE other.device_id = one.device_id AND other.digest = one.digest
)
"""


def identified(namespace: UUID, number: int, **changed: Any) -> Arrival:
    """Returns the delivery of an event; `changed` are as of `arrival`."""
    made = arrival(number, **changed)
    event = made.event
    device_id = identify(
        namespace,
        event.device,
        credential=made.credential,
        subscription_id=event.subscription_id,
        source=event.source,
    )
    return made._replace(device_id=device_id)


def make_eraser(conninfo: str, namespace: UUID = NAMESPACE, **options: Any) -> Eraser:
    """Returns an eraser as the service has one, without a spool."""
    bounds: dict[str, Any] = {"spool": None, "body_limit_bytes": 100_000, "members_limit": 100}
    return Eraser(conninfo, lambda: namespace, **{**bounds, **options})


@asynccontextmanager
async def connected(conninfo: str) -> AsyncIterator[AsyncConnection]:
    """A connection as an erasure has one."""
    connection = await connect_async(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    async with connection:
        yield connection


@asynccontextmanager
async def projecting(conninfo: str) -> AsyncIterator[Projection]:
    """A projection that has begun."""
    projection = Projection(conninfo, statement_timeout_seconds=10, prepare_threshold=None)
    try:
        await projection.derive_all()
        yield projection
    finally:
        await projection.close()


async def derive(conninfo: str) -> None:
    """Derives all that is stored."""
    async with projecting(conninfo):
        pass


async def rebuild(conninfo: str) -> None:
    """Derives everything anew."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(START_REBUILD.encode())
    await derive(conninfo)


def read_derived(conninfo: str) -> list[str]:
    """Returns all derived rows."""
    with psycopg.connect(conninfo) as connection:
        return [row[0] for row in connection.execute(DERIVED).fetchall()]


def read_halves(conninfo: str) -> list[tuple[str, UUID]]:
    """Returns what is without its other half."""
    with psycopg.connect(conninfo) as connection:
        return connection.execute(HALVES).fetchall()
