"""Reads what answers are made of from rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.events.axes import NAMES
from receiver.events.event import Status
from receiver.projection.fact import LEAST, Fact, Rank
from receiver.projection.ledger import Subscription
from receiver.projection.status import Point, Register
from receiver.store.events.keys import EventKey, write_event_id


async def read_rows(
    connection: AsyncConnection, question: str, **parameters: object
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Returns the rows that answer a question in psycopg's syntax."""
    return (await connection.exec_driver_sql(question, parameters)).all()


def read_fact(row: Row[*tuple[Any, ...]]) -> Fact:
    names = row.country_name
    return Fact(
        row.credential,
        row.subscription_id,
        row.name,
        row.occurred_at,
        row.received_at,
        row.digest,
        Status(
            connectivity=row.connectivity,
            roaming=row.roaming,
            country_code=row.country_code,
            country_name=None if names is None else tuple(names),
            connected_network_type=row.connected_network_type,
            termination_reason=row.termination_reason,
            update_reason=row.update_reason,
        ),
        write_event_id(EventKey(row.device_id, row.stored_at, row.seq)),
    )


def read_register(row: Row[*tuple[Any, ...]]) -> Register:
    names = row.country_name
    latest = Point(
        Rank(row.effective_at, row.specificity, row.digest),
        row.value,
        row.country_code,
        None if names is None else tuple(names),
        write_event_id(EventKey(row.device_id, row.stored_at, row.seq)),
    )
    is_contradicted = row.other_at is not None
    return Register(
        latest,
        Rank(row.other_at, row.other_specificity, row.other_digest) if is_contradicted else LEAST,
        row.first_at,
    )


def read_subscription(row: Row[*tuple[Any, ...]]) -> Subscription:
    end = row.ended_at, row.end_digest, row.end_reason
    update = row.updated_at, row.update_digest, row.update_reason
    return Subscription(
        frozenset(name for bit, name in enumerate(NAMES) if row.names & 1 << bit),
        row.first_at,
        row.started_at,
        end if row.ended_at is not None else None,
        update if row.updated_at is not None else None,
    )
