"""The status of a device now, with what stands for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.events.axes import Axis
from receiver.projection.links import find_links, list_linked
from receiver.projection.status import Answer
from receiver.store.connections.engine import reading
from receiver.store.connections.silence import may_be_distributed
from receiver.store.connections.spreading import spread
from receiver.store.derived.behind import BehindMemory
from receiver.store.status.beginnings import Value, read_beginnings
from receiver.store.status.parts import Parts, ask_for_parts, make_parts, merge_parts, read_parts


class AxisStatus(NamedTuple):
    """The value of a device on one axis.

    Attributes:
        since: when the value began; None: nothing was ever reported.
    """

    answer: Answer
    since: datetime | None


class DeviceStatus(NamedTuple):
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


async def read_whole(connection: AsyncConnection, device_id: UUID, memory: BehindMemory) -> Whole:
    """Returns what the events of a device and of what stands for it say.

    Args:
        memory: where it is likely to cover what is behind, all is asked for in one round trip.

    Raises:
        NotDerivedYet: the device is not derived for the first time yet.
    """
    own = [device_id]
    ask = partial(ask_for_parts, own, is_apart=may_be_distributed(connection))
    behind, answers = await memory.ask(connection, device_id, ask)
    parts, evidence = await make_parts(connection, own, answers)
    # Most devices have none that stand for them, so their parts are asked for at once.
    linked = list_linked(device_id, find_links(evidence))
    if linked:
        of_linked, _ = await read_parts(connection, linked, behind)
        parts |= of_linked
    return Whole([device_id, *linked], behind.as_of, merge_parts(list(parts.values())))


class StatusDraft(NamedTuple):
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
    async for draft in spread(drafts):
        axes = {
            axis: AxisStatus(answer, next(beginnings)) for axis, answer in draft.answers.items()
        }
        statuses.append(DeviceStatus(draft.device_id, as_of, axes, draft.last_event_at))
    return statuses


class Statuses:
    """Answers what is true of a device now."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._memory = BehindMemory()

    async def status(self, device_id: UUID) -> DeviceStatus | None:
        """Returns the status of a device; None if it has no event, and nothing links to it.

        Raises:
            Unavailable: the database is away, or the device is not derived for the first time yet.
        """
        async with reading(self._engine) as connection:
            whole = await read_whole(connection, device_id, self._memory)
            if whole.parts.last_event_at is None:
                return None
            draft = StatusDraft(
                device_id, whole.devices, whole.parts.answers, whole.parts.last_event_at
            )
            [found] = await complete(connection, [draft], whole.as_of)
            return found
