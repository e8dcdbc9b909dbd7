"""Reads what answers about devices are made of: registers, subscriptions and the unread tail.

The events that are not derived yet are folded on top, so that an answer has what was acknowledged
before it was asked for. The tail is read first and the tables after it: what is derived between
both is then in either, and in both does no harm. One device is read as many are.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.coverage import list_losses
from receiver.projection.fact import Fact
from receiver.projection.ledger import Key, Subscription
from receiver.projection.status import Answer, Register
from receiver.projection.subscriptions.registration import read_registered
from receiver.store.connections.engine import asking
from receiver.store.derived.beginnings import Value, read_beginnings
from receiver.store.derived.behind import Behind, read_behind
from receiver.store.derived.derivation import SEEN, select_events
from receiver.store.derived.linking import find_linked
from receiver.store.derived.position import BEHIND
from receiver.store.derived.registered import read_registrations_of
from receiver.store.derived.rows import (
    REGISTER,
    SUBSCRIPTION,
    read_fact,
    read_register,
    read_rows,
    read_subscription,
)

TOLD = """device_id, stored_at, seq, credential, subscription_id, name, occurred_at, received_at,
    digest, connectivity, roaming, country_code, country_name, connected_network_type,
    termination_reason, update_reason"""
TAIL = select_events(TOLD, BEHIND, "device_id = ANY(%(devices)s::uuid[])")

REGISTERS = f"""
SELECT device_id, axis, {REGISTER} FROM device_status WHERE device_id = ANY(%(devices)s::uuid[])
"""  # noqa: S608 - composed of constants

SUBSCRIPTIONS = f"""
SELECT device_id, credential, subscription_id, {SUBSCRIPTION} FROM subscription
WHERE device_id = ANY(%(devices)s::uuid[])
"""  # noqa: S608 - composed of constants


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
class Parts:
    """What an answer is made of, merged part by part.

    Attributes:
        last_event_at: when the latest event counts; None: there is none.
    """

    registers: dict[Axis, Register] = field(default_factory=dict)
    subscriptions: dict[Key, Subscription] = field(default_factory=dict)
    last_event_at: datetime | None = None

    @property
    def answers(self) -> dict[Axis, Answer]:
        """What they say on each axis."""
        losses = list_losses(self.subscriptions.values())
        return {axis: status.answer(axis, self.registers.get(axis), losses) for axis in Axis}

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


async def read_parts(
    connection: AsyncConnection, devices: Collection[UUID], behind: Behind
) -> dict[UUID, Parts]:
    """Returns what the events of each device say; links are not followed."""
    found = {device_id: Parts() for device_id in devices}
    if behind.has_tail:
        facts: defaultdict[UUID, list[Fact]] = defaultdict(list)
        for row in await read_rows(connection, TAIL, devices=list(devices), **behind.bounds):
            facts[row.device_id].append(read_fact(row))
        for device_id, those in facts.items():
            found[device_id].add_facts(those)
    behind_keys = {key for parts in found.values() for key in parts.subscriptions}
    for device_id, axis, *register in await read_rows(connection, REGISTERS, devices=list(devices)):
        read = read_register(register)
        if axis == SEEN:
            found[device_id].see(read.latest.rank.at)
        else:
            found[device_id].add_register(Axis(axis), read)
    rows = await read_rows(connection, SUBSCRIPTIONS, devices=list(devices))
    for device_id, credential, subscription_id, *subscription in rows:
        key = credential, subscription_id
        found[device_id].add_subscription(key, read_subscription(subscription))
    for key, told in (await read_registrations_of(connection, found, behind_keys)).items():
        registered = read_registered(told)
        for device_id, parts in found.items():
            if key in parts.subscriptions or device_id == told.device_id:
                parts.add_subscription(key, registered)
    return found


def merge_parts(parts: Sequence[Parts]) -> Parts:
    """Returns what the events of several devices say together."""
    if len(parts) == 1:
        return parts[0]
    merged = Parts()
    for each in parts:
        if each.last_event_at is not None:
            merged.see(each.last_event_at)
        for axis, register in each.registers.items():
            merged.add_register(axis, register)
        for key, subscription in each.subscriptions.items():
            merged.add_subscription(key, subscription)
    return merged


@dataclass(frozen=True, slots=True)
class Whole:
    """What the answers about one device are made of.

    Attributes:
        devices: the device, and those that stand for it.
        as_of: every event that was acknowledged before is in it.
        parts: of all of them together.
    """

    devices: Sequence[UUID]
    as_of: datetime
    parts: Parts


async def read_whole(connection: AsyncConnection, device_id: UUID) -> Whole:
    """Returns what the events of a device and of what stands for it say.

    Raises:
        NotDerivedYet: the device is not derived for the first time yet.
    """
    behind = await read_behind(connection, device_id)
    devices = [device_id, *await find_linked(connection, device_id, behind.bounds)]
    parts = await read_parts(connection, devices, behind)
    return Whole(devices, behind.as_of, merge_parts(list(parts.values())))


@dataclass(frozen=True, slots=True)
class StatusDraft:
    """A status, but for when its values began.

    Attributes:
        devices: the device, and those that stand for it.
    """

    device_id: UUID
    devices: Collection[UUID]
    answers: Mapping[Axis, Answer]
    last_event_at: datetime


async def complete(
    connection: AsyncConnection, drafts: Sequence[StatusDraft], as_of: datetime
) -> list[DeviceStatus]:
    """Returns the status of each draft."""
    values = [
        Value(draft.devices, axis, answer)
        for draft in drafts
        for axis, answer in draft.answers.items()
    ]
    beginnings = iter(await read_beginnings(connection, values))
    statuses = []
    for draft in drafts:
        axes = {
            axis: AxisStatus(answer, next(beginnings)) for axis, answer in draft.answers.items()
        }
        statuses.append(DeviceStatus(draft.device_id, as_of, axes, draft.last_event_at))
    return statuses


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
            whole = await read_whole(connection, device_id)
            if whole.parts.last_event_at is None:
                return None
            draft = StatusDraft(
                device_id, whole.devices, whole.parts.answers, whole.parts.last_event_at
            )
            [found] = await complete(connection, [draft], whole.as_of)
            return found
