"""What answers about devices are made of: registers, subscriptions and the unread tail.

The events that are not derived yet are folded on top, so that an answer has what was acknowledged
before it was asked for. What is derived while it is read is then in both, which does no harm. One
device is read as many are.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from receiver.events.axes import Axis
from receiver.projection import ledger, status
from receiver.projection.coverage import list_losses
from receiver.projection.fact import Fact
from receiver.projection.ledger import Key, Subscription
from receiver.projection.links import Evidence
from receiver.projection.status import Answer, Register
from receiver.projection.subscriptions.registration import Registration, read_registered
from receiver.store.derived.behind import Behind
from receiver.store.derived.derivation import SEEN, select_events
from receiver.store.derived.linking import ask_for_evidence, read_evidence
from receiver.store.derived.rows import (
    REGISTER,
    SUBSCRIPTION,
    Question,
    Rows,
    read_fact,
    read_register,
    read_subscription,
    read_together,
    write_devices,
)
from receiver.store.status.registered import ask_for_registrations_of, read_registrations, read_told

# An enumeration is iterated in Python.
AXES = tuple(Axis)

TOLD = """device_id, stored_at, seq, credential, subscription_id, name, occurred_at, received_at,
    digest, connectivity, roaming, country_code, country_name, connected_network_type,
    termination_reason, update_reason"""

# Each device by itself: for many together Postgres reads the whole table where it does not know how
# large that is, as behind a rebuild.
_EACH_DEVICE = "FROM unnest(%(devices)s::uuid[]) AS device (id) CROSS JOIN LATERAL"

REGISTERS = f"""
SELECT own.* {_EACH_DEVICE} (
    SELECT device_id, axis, {REGISTER} FROM device_status
    WHERE device_id = device.id ORDER BY device_id, axis
) AS own
"""  # noqa: S608 - composed of constants

SUBSCRIPTIONS = f"""
SELECT own.* {_EACH_DEVICE} (
    SELECT device_id, credential, subscription_id, {SUBSCRIPTION} FROM subscription
    WHERE device_id = device.id ORDER BY device_id, credential, subscription_id
) AS own
"""  # noqa: S608 - composed of constants


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
        return {axis: status.answer(axis, self.registers.get(axis), losses) for axis in AXES}

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


@cache
def compose_tail(behind: tuple[str, ...]) -> str:
    """Returns the question for the events of devices that meet one of the conditions."""
    return select_events(TOLD, behind, "device_id = ANY(%(devices)s::uuid[])")


async def read_parts(
    connection: AsyncConnection, devices: Collection[UUID], behind: Behind
) -> dict[UUID, Parts]:
    """Returns what the events of each device say; links are not followed."""
    answers = await read_together(connection, *_ask(write_devices(devices), behind))
    return await _read(connection, devices, behind, answers)


async def read_parts_and_evidence(
    connection: AsyncConnection, devices: Collection[UUID], behind: Behind, *also: Question
) -> tuple[dict[UUID, Parts], list[Evidence], list[Rows]]:
    """Returns what the events of each device say, and what tells to which other ones they link.

    Args:
        also: further questions, whose answers are returned as they are.
    """
    written = write_devices(devices)
    questions = *also, ask_for_evidence(written, behind), *_ask(written, behind)
    answers = await read_together(connection, *questions)
    asked, [evidence, *of_parts] = answers[: len(also)], answers[len(also) :]
    parts = await _read(connection, devices, behind, of_parts)
    return parts, read_evidence(evidence), asked


def _ask(devices: str, behind: Behind) -> list[Question]:
    asked = {"devices": devices}
    questions = [
        Question(REGISTERS, asked, tuple_row),
        Question(SUBSCRIPTIONS, asked, tuple_row),
        ask_for_registrations_of(devices),
    ]
    if behind.conditions:
        questions.append(Question(compose_tail(behind.conditions), {**asked, **behind.bounds}))
    return questions


async def _read(
    connection: AsyncConnection,
    devices: Collection[UUID],
    behind: Behind,
    answers: Sequence[Rows],
) -> dict[UUID, Parts]:
    """Returns the parts of devices from the answers to `_ask`."""
    registers, subscriptions, registrations, *tail = answers
    found = {device_id: Parts() for device_id in devices}
    for device_id, axis, *register in registers:
        read = read_register(register)
        if axis == SEEN:
            found[device_id].see(read.latest.rank.at)
        else:
            found[device_id].add_register(Axis(axis), read)
    for device_id, credential, subscription_id, *subscription in subscriptions:
        key = credential, subscription_id
        found[device_id].add_subscription(key, read_subscription(subscription))
    told = read_told(registrations)
    if behind.conditions:
        derived = {key for parts in found.values() for key in parts.subscriptions}
        _add_tail(found, tail[0])
        fresh = {key for parts in found.values() for key in parts.subscriptions} - derived
        if fresh:
            told |= await read_registrations(connection, fresh, ())
    _add_registrations(found, told)
    return found


def _add_tail(found: dict[UUID, Parts], rows: Rows) -> None:
    facts: defaultdict[UUID, list[Fact]] = defaultdict(list)
    for row in rows:
        facts[row.device_id].append(read_fact(row))
    for device_id, those in facts.items():
        found[device_id].add_facts(those)


def _add_registrations(found: dict[UUID, Parts], told: dict[Key, Registration]) -> None:
    for key, registration in told.items():
        registered = read_registered(registration)
        for device_id, parts in found.items():
            if key in parts.subscriptions or device_id == registration.device_id:
                parts.add_subscription(key, registered)


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
