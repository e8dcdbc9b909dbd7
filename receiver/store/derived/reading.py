"""Reads what an answer about devices is made of: registers, subscriptions and the unread tail.

The events that are not derived yet are folded on top, so that an answer has what was acknowledged
before it was asked for. The tail is read first and the tables after it: what is derived between
both is then in either, and in both does no harm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from receiver.errors import NotDerivedYet
from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.fact import LEAST, Fact
from receiver.projection.ledger import Key, Subscription
from receiver.projection.status import Answer, Register
from receiver.store.connections.engine import asking
from receiver.store.derived.derivation import (
    BEHIND,
    CONNECTIVITY,
    COUNTRY,
    NETWORK_TYPE,
    OF_CLUSTER,
    ROAMING,
    SEEN,
    SPECIFICITY,
    select_events,
)
from receiver.store.derived.linking import find_linked
from receiver.store.derived.rows import read_fact, read_register, read_rows, read_subscription

# Events of all devices that an answer reads beyond the derived ones. Measured with 12 800 of them:
# 7.6 ms for each answer; a projector so far behind is named instead (`as_of`).
TAIL_LIMIT = 10_000

BACKLOG = """
SELECT pg_snapshot_xmax(position::pg_snapshot)::text,
    ARRAY(SELECT pg_snapshot_xip(position::pg_snapshot))::text,
    epoch_at, position_at, now(),
    derivation = 0 AND (rebuilt_below IS NULL OR rebuilt_below <= %(device)s),
    (
        SELECT count(*) FROM (
            SELECT FROM event
            WHERE stored_at >= epoch_at AND xact >= pg_snapshot_xmax(position::pg_snapshot)
            LIMIT %(limit)s
        ) AS behind
    )
FROM projection
"""

_TOLD = """device_id, stored_at, seq, credential, subscription_id, name, occurred_at, received_at,
    digest, connectivity, roaming, country_code, country_name, connected_network_type,
    termination_reason, update_reason"""
TAIL = select_events(_TOLD, BEHIND, f"device_id = ANY(%(devices)s::uuid[]) AND {OF_CLUSTER}")

REGISTERS = """
SELECT device_id, axis, value, country_code, country_name, effective_at, specificity, digest,
    stored_at, seq, nullif(other_at, '-infinity') AS other_at, other_specificity,
    other_digest, first_at
FROM device_status
WHERE device_id = ANY(%(devices)s::uuid[])
"""

SUBSCRIPTIONS = """
SELECT credential, subscription_id, names, first_at, started_at, ended_at, end_digest, end_reason,
    updated_at, update_digest, update_reason
FROM subscription WHERE device_id = ANY(%(devices)s::uuid[])
"""

LAST_TRANSACTION = str(2**64 - 1)

_VALUES = {
    Axis.CONNECTIVITY: CONNECTIVITY,
    Axis.ROAMING: ROAMING,
    Axis.COUNTRY: COUNTRY,
    Axis.NETWORK_TYPE: NETWORK_TYPE,
}

# By the index of a device's history: the first event after the last that said something else is
# rarely far from it. An event whose time is not believed begins nothing.
_BEGINNING = """
SELECT min(found.occurred_at)
FROM unnest(%(devices)s::uuid[]) AS device (id) CROSS JOIN LATERAL (
    SELECT occurred_at FROM event
    WHERE device_id = device.id AND occurred_at >= %(at)s AND ({value}) = %(value)s
        AND occurred_at - received_at <= interval '5 minutes'
        AND (occurred_at, ({specificity}), digest) > (%(at)s, %(specificity)s, %(digest)s)
    ORDER BY occurred_at LIMIT 1
) AS found
"""
BEGINNINGS = {
    axis: _BEGINNING.format(value=value, specificity=SPECIFICITY) for axis, value in _VALUES.items()
}


@dataclass(frozen=True, slots=True)
class AxisStatus:
    """The value of a device on one axis.

    Attributes:
        since: when the value began; None: nothing was ever reported.
    """

    answer: Answer
    since: datetime | None


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """The status of a device, with what links to it.

    Attributes:
        as_of: every event that was acknowledged before is in it.
        axes: one for every axis.
        last_event_at: when the latest event counts.
    """

    device_id: UUID
    as_of: datetime
    axes: Mapping[Axis, AxisStatus]
    last_event_at: datetime


@dataclass(slots=True)
class _Parts:
    """What an answer is made of, merged part by part."""

    registers: dict[Axis, Register] = field(default_factory=dict)
    subscriptions: dict[Key, Subscription] = field(default_factory=dict)
    last_event_at: datetime | None = None

    def see(self, effective_at: datetime) -> None:
        if self.last_event_at is None or effective_at > self.last_event_at:
            self.last_event_at = effective_at

    def add_facts(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            self.see(fact.effective_at)
        for axis, register in status.fold(facts).items():
            self.add_register(axis, register)
        for key, subscription in ledger.fold(facts).items():
            self.add_subscription(key, subscription)

    def add_register(self, axis: Axis, register: Register) -> None:
        known = self.registers.get(axis)
        self.registers[axis] = register if known is None else status.merge(known, register)

    def add_subscription(self, key: Key, subscription: Subscription) -> None:
        known = self.subscriptions.get(key)
        self.subscriptions[key] = (
            subscription if known is None else ledger.merge(known, subscription)
        )


class Statuses:
    """Answers what is true of a device now."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def status(self, device_id: UUID) -> DeviceStatus | None:
        """Returns the status of a device; None if it has no event, and nothing links to it.

        Raises:
            Unavailable: the database is away, or the device is not derived for the first time yet.
        """
        async with asking(self._engine) as connection:
            return await _status(connection, device_id)


async def _status(connection: AsyncConnection, device_id: UUID) -> DeviceStatus | None:
    found = await read_rows(connection, BACKLOG, device=device_id, limit=TAIL_LIMIT + 1)
    if not found or found[0][5]:
        raise NotDerivedYet("the answers about this device are still being derived")
    [(xmax, running, epoch_at, position_at, asked_at, _, behind)] = found
    is_folded = behind <= TAIL_LIMIT
    # Without the tail: nothing is behind the end of all transactions.
    behind_position = {
        "epoch_at": epoch_at,
        "xmax": xmax if is_folded else LAST_TRANSACTION,
        "running": running if is_folded else "{}",
    }
    devices = [device_id, *await find_linked(connection, device_id, behind_position)]
    parts = _Parts()
    if is_folded:
        tail = await read_rows(connection, TAIL, devices=devices, **behind_position)
        parts.add_facts([read_fact(row) for row in tail])
    for row in await read_rows(connection, REGISTERS, devices=devices):
        if row.axis == SEEN:
            parts.see(row.effective_at)
        else:
            parts.add_register(Axis(row.axis), read_register(row))
    for row in await read_rows(connection, SUBSCRIPTIONS, devices=devices):
        parts.add_subscription((row.credential, row.subscription_id), read_subscription(row))
    if parts.last_event_at is None:
        return None
    subscriptions = list(parts.subscriptions.values())
    axes = {}
    for axis in Axis:
        answer = status.answer(axis, parts.registers.get(axis), subscriptions)
        axes[axis] = AxisStatus(answer, await _since(connection, axis, answer, devices))
    as_of = asked_at if is_folded else position_at
    return DeviceStatus(device_id, as_of, axes, parts.last_event_at)


async def _since(
    connection: AsyncConnection, axis: Axis, answer: Answer, devices: Sequence[UUID]
) -> datetime | None:
    if answer.latest is None or answer.after == LEAST:
        return answer.first_at
    at, specificity, digest = answer.after
    rank = {"at": at, "specificity": specificity, "digest": digest}
    value = answer.latest.value
    [(found,)] = await read_rows(connection, BEGINNINGS[axis], devices=devices, value=value, **rank)
    latest_at = answer.latest.rank.at
    return latest_at if found is None else min(found, latest_at)
