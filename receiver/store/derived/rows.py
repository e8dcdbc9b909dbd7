"""Reads what answers are made of from rows."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import AsyncRowFactory, namedtuple_row

from receiver.events.axes import NAMES
from receiver.events.event import Status
from receiver.projection.fact import LEAST, Fact, Rank
from receiver.projection.ledger import Subscription
from receiver.projection.status import Point, Register
from receiver.store.connections.silence import may_be_distributed
from receiver.store.events.keys import EventKey, write_event_id

# A tuple, whose names are known to the question alone.
Row: TypeAlias = Any
Rows: TypeAlias = Sequence[Row]

REGISTER = """value, country_code, country_name, effective_at, specificity, digest,
    stored_at, seq,
    nullif(other_at, '-infinity') AS other_at, other_specificity, other_digest,
    first_at, since_at"""
# Of `effective_at` in it; tests/store/derived/test_rows.py guards it.
PLACE_OF_TIME = 3
SUBSCRIPTION = """names, first_at, started_at, ended_at, end_digest, end_reason,
    updated_at, update_digest, update_reason"""

# The devices of a question as rows. A sub-select, because of few devices in sight Postgres would
# make a plan of its own for each question, which takes a millisecond and gains nothing.
DEVICES = "unnest((SELECT %(devices)s::uuid[]))"

# The same with the place of each among them, from 1, by which rows are found again: a place is
# shorter than an id, on its way and as a key.
DEVICES_IN_PLACES = f"{DEVICES} WITH ORDINALITY AS device (id, place)"

# The columns of an event that `read_fact` reads: those that evidence has too, and the others.
TOLD_ALONE = (
    "subscription_id",
    "stored_at",
    "seq",
    "name",
    "occurred_at",
    "received_at",
    "digest",
    "connectivity",
    "roaming",
    "country_code",
    "country_name",
    "connected_network_type",
    "termination_reason",
    "update_reason",
)
TOLD = ", ".join(("device_id", "credential", *TOLD_ALONE))


# Of the transaction, in which all is that is asked together.
PLAN_ONCE = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)"


class Question(NamedTuple):
    """A question in psycopg's syntax.

    Attributes:
        rows: how its answer is read: as tuples with names, or without, which is faster.
        is_planned_once: whether one plan is good for all parameters, though Postgres would rather
            make one for each; it makes one of all that is asked together then.
        plans: whether it has that done itself, asked first and with `plans_once` for a parameter.
    """

    text: str
    parameters: Mapping[str, object]
    rows: AsyncRowFactory[Row] = namedtuple_row
    is_planned_once: bool = False
    plans: bool = False


async def read_rows(connection: AsyncConnection, question: str, **parameters: object) -> Rows:
    """Returns the rows that answer a question in psycopg's syntax."""
    cursor = connection.cursor(row_factory=namedtuple_row)
    await cursor.execute(question, parameters)
    return await cursor.fetchall()


async def read_together(connection: AsyncConnection, *questions: Question) -> list[Rows]:
    """Returns the rows that answer each of several questions, asked in one round trip.

    In binary, which is half as long: Postgres sends it in pieces of 8 KiB, and each of them may
    cost a turn of the event loop.
    """
    cursors = []
    async with connection.pipeline():
        # Several servers take no plan that is good for all parameters.
        may_plan = connection.prepare_threshold is not None and not may_be_distributed(connection)
        plans_once = may_plan and any(question.is_planned_once for question in questions)
        if plans_once and not questions[0].plans:
            await connection.execute(PLAN_ONCE)
        for question in questions:
            cursor = connection.cursor(row_factory=question.rows, binary=True)
            parameters = question.parameters
            if question.plans:
                parameters = {**parameters, "plans_once": plans_once}
            await cursor.execute(question.text, parameters)
            cursors.append(cursor)
    return [await cursor.fetchall() for cursor in cursors]


def write_devices(devices: Iterable[UUID]) -> str:
    """Returns devices as an array in one text, because the driver takes long to write arrays."""
    return f"{{{','.join(map(str, devices))}}}"


def read_fact(row: Row) -> Fact:
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


def read_register(device_id: UUID, row: Sequence[Any]) -> Register:
    """Returns the register of a device in the columns of `REGISTER`."""
    value, code, names, at, specificity, digest, stored_at, seq, *other, first_at, since_at = row
    other_at, other_specificity, other_digest = other
    latest = Point(
        Rank(at, specificity, digest),
        value,
        code,
        None if names is None else tuple(names),
        write_event_id(EventKey(device_id, stored_at, seq)),
    )
    is_contradicted = other_at is not None
    contradiction = Rank(other_at, other_specificity, other_digest) if is_contradicted else LEAST
    return Register(latest, contradiction, first_at, since_at)


def read_subscription(row: Sequence[Any]) -> Subscription:
    """Returns the subscription in the columns of `SUBSCRIPTION`."""
    names, first_at, started_at, ended_at, end_digest, end_reason, *update = row
    updated_at, update_digest, update_reason = update
    return Subscription(
        _read_names(names),
        first_at,
        started_at,
        None if ended_at is None else (ended_at, end_digest, end_reason),
        None if updated_at is None else (updated_at, update_digest, update_reason),
    )


# There are as many sets as there are kinds of subscriptions.
@cache
def _read_names(bits: int) -> frozenset[str]:
    return frozenset(name for bit, name in enumerate(NAMES) if bits & 1 << bit)
