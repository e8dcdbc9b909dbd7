"""What answers about devices are made of: registers, subscriptions and the unread tail.

The events that are not derived yet are folded on top, so that an answer has what was acknowledged
before it was asked for. What is derived while it is read is then in both, which does no harm. One
device is read as many are.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
from receiver.store.connections.silence import may_be_distributed
from receiver.store.connections.spreading import portions
from receiver.store.derived.behind import Behind
from receiver.store.derived.derivation import SEEN
from receiver.store.derived.evidence import ask_for_evidence_and_events, divide
from receiver.store.derived.rows import (
    DEVICES_IN_PLACES,
    PLACE_OF_TIME,
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
_AXES = {str(axis): axis for axis in AXES}

# Rows that are read in one or two milliseconds: those of the default page of the fleet are read at
# once, because beside an intake at full speed another turn takes longer than they do.
REGISTERS_OF_A_TURN = 256
SUBSCRIPTIONS_OF_A_TURN = 512

# Each device by itself: for many together Postgres reads the whole table where it does not know how
# large that is, as behind a rebuild.
_EACH_DEVICE = f"FROM {DEVICES_IN_PLACES} CROSS JOIN LATERAL"

REGISTERS = f"""
SELECT device.place, own.* {_EACH_DEVICE} (
    SELECT axis, {REGISTER} FROM device_status
    WHERE device_id = device.id ORDER BY device_id, axis
) AS own
"""  # noqa: S608 - composed of constants

SUBSCRIPTIONS = f"""
SELECT device.place, own.* {_EACH_DEVICE} (
    SELECT credential, subscription_id, {SUBSCRIPTION} FROM subscription
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


def ask_for_parts(
    devices: Collection[UUID], behind: Behind, *, is_apart: bool = False
) -> list[Question]:
    """Asks what the events of each device say, and what tells to which other ones they link.

    Args:
        is_apart: whether several servers have the events.
    """
    written = write_devices(devices)
    asked = {"devices": written}
    return [
        ask_for_evidence_and_events(written, behind, is_apart=is_apart),
        Question(REGISTERS, asked, tuple_row),
        Question(SUBSCRIPTIONS, asked, tuple_row),
        ask_for_registrations_of(written),
    ]


async def make_parts(
    connection: AsyncConnection, devices: Collection[UUID], answers: Sequence[Rows]
) -> tuple[dict[UUID, Parts], list[Evidence]]:
    """Returns the parts of each device, and the evidence, from the answers to `ask_for_parts`."""
    told, registers, subscriptions, registrations = answers
    found = {device_id: Parts() for device_id in devices}
    places = list(found.items())
    async for rows in portions(registers, REGISTERS_OF_A_TURN):
        for row in rows:
            (device_id, parts), axis, register = places[row[0] - 1], row[1], row[2:]
            if axis == SEEN:
                parts.last_event_at = register[PLACE_OF_TIME]
            else:
                parts.registers[_AXES[axis]] = read_register(device_id, register)
    async for rows in portions(subscriptions, SUBSCRIPTIONS_OF_A_TURN):
        for row in rows:
            _, parts = places[row[0] - 1]
            parts.subscriptions[row[1:3]] = read_subscription(row[3:])
    evidence, events = divide(told)
    registered = read_told(registrations)
    # A subscription that is not derived yet may be registered.
    fresh = {(row.credential, row.subscription_id) for row in events if row.is_registered}
    if not fresh <= registered.keys():
        registered |= await read_registrations(connection, fresh, ())
    _add_events(found, events)
    _add_registrations(found, registered)
    return found, evidence


async def read_parts(
    connection: AsyncConnection, devices: Collection[UUID], behind: Behind
) -> tuple[dict[UUID, Parts], list[Evidence]]:
    """Returns what the events of each device say, and what tells to which other ones they link."""
    questions = ask_for_parts(devices, behind, is_apart=may_be_distributed(connection))
    answers = await read_together(connection, *questions)
    return await make_parts(connection, devices, answers)


def _add_events(found: dict[UUID, Parts], rows: Rows) -> None:
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
