"""The fleet in pages, exact after each acknowledgement as the status of one device is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.projection.links import Evidence, find_links, find_row
from receiver.store.connections.engine import reading
from receiver.store.derived.behind import LAST_DEVICE, Behind, ask_how_far, read_how_far
from receiver.store.derived.linking import find_others
from receiver.store.derived.rows import Rows, read_together
from receiver.store.fleet.candidates import (
    Lead,
    ask_for_candidates,
    ask_for_tail_devices,
    choose_lead,
    join_candidates,
)
from receiver.store.fleet.selection import FleetSelection
from receiver.store.status.parts import Parts, merge_parts, read_parts, read_parts_and_evidence
from receiver.store.status.statuses import DeviceStatus, StatusDraft, complete

# Candidates that are read together.
STEP_CANDIDATES = 128

# Steps of one page, after which it ends early, if it is not larger than they are. Measured: a step
# whose devices do not pass takes 10 ms of this process and about as much of Postgres.
PAGE_STEPS = 4

# Below the id of every device, which has a version.
BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class FleetPosition:
    """The end of a page: the id of a device, in two halves.

    Attributes:
        high, low: signed.
    """

    high: int
    low: int

    @classmethod
    def of(cls, device_id: UUID) -> "FleetPosition":
        halves = device_id.bytes[:8], device_id.bytes[8:]
        high, low = (int.from_bytes(half, signed=True) for half in halves)
        return cls(high, low)

    @property
    def device_id(self) -> UUID:
        halves = (half.to_bytes(8, signed=True) for half in (self.high, self.low))
        return UUID(bytes=b"".join(halves))


@dataclass(frozen=True, slots=True)
class FleetRow:
    """A device of the fleet.

    Attributes:
        place: the device by which it was found, itself or one that stands for it.
    """

    status: DeviceStatus
    place: UUID

    @property
    def position(self) -> FleetPosition:
        return FleetPosition.of(self.place)


class Fleet:
    """Answers what is true of many devices now."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(
        self, selection: FleetSelection, *, after: FleetPosition | None, limit: int
    ) -> tuple[list[FleetRow], FleetPosition | None]:
        """Returns the next devices, and where their page ends; None: there are no more.

        A page may end early, even without any device.

        Raises:
            Unavailable: the database is away, or not all devices are derived for the first time.
        """
        lead = choose_lead(selection)
        place = BEFORE_ALL if after is None else after.device_id
        found: list[tuple[UUID, StatusDraft]] = []
        candidates: Sequence[UUID] = ()
        # The first step is all where every candidate is meant.
        size = min(STEP_CANDIDATES, limit + 1)
        async with reading(self._engine) as connection:
            how_far, derived = await read_together(
                connection, ask_how_far(LAST_DEVICE), ask_for_candidates(lead, place, size)
            )
            behind = read_how_far(how_far)
            for step in range(PAGE_STEPS + limit // STEP_CANDIDATES):
                if step:
                    question = ask_for_candidates(lead, place, size)
                    [derived] = await read_together(connection, question)
                read = await _read_step(connection, derived, behind, place, size)
                candidates = read.candidates
                if not candidates:
                    break
                found += await _examine(connection, read, lead, selection, behind)
                place, size = candidates[-1], STEP_CANDIDATES
                if len(found) > limit:
                    break
            drafts = [draft for _, draft in found[:limit]]
            statuses = await complete(connection, drafts, behind.as_of)
        rows = [
            FleetRow(status, place) for status, (place, _) in zip(statuses, found, strict=False)
        ]
        if len(found) > limit:
            return rows, rows[-1].position
        return rows, FleetPosition.of(place) if candidates else None


def find_place(parts: Mapping[UUID, Parts], lead: Lead) -> UUID | None:
    """Returns the place of a row: the first of its devices that is a candidate; None: none is.

    Args:
        parts: of the device and of those that stand for it.
    """
    return min((each for each in parts if lead.admits(parts[each])), default=None)


class _Step(NamedTuple):
    """Candidates that are read together.

    Attributes:
        parts: of each of them, and maybe of further devices.
        evidence: of each key of theirs, of all devices that share it.
    """

    candidates: Sequence[UUID]
    parts: dict[UUID, Parts]
    evidence: list[Evidence]


async def _read_step(
    connection: AsyncConnection, derived: Rows, behind: Behind, place: UUID, size: int
) -> _Step:
    """Returns the next candidates, as many as a step has.

    Args:
        derived: those of them that are found by what is derived.
        place: where the step begins.
    """
    devices = [device_id for (device_id,) in derived]
    also = [ask_for_tail_devices(behind, place, size)] if behind.conditions else []
    parts, evidence, tails = await read_parts_and_evidence(connection, devices, behind, *also)
    candidates = join_candidates(devices, [row for tail in tails for row in tail], size)
    missing = set(candidates).difference(parts)
    if missing:
        more_parts, more_evidence, _ = await read_parts_and_evidence(connection, missing, behind)
        parts |= more_parts
        evidence += more_evidence
    return _Step(candidates, parts, evidence)


async def _examine(
    connection: AsyncConnection,
    step: _Step,
    lead: Lead,
    selection: FleetSelection,
    behind: Behind,
) -> list[tuple[UUID, StatusDraft]]:
    """Returns the devices whose place is a candidate and that the selection admits."""
    candidates, parts, evidence = step
    links = find_links(evidence)
    others = find_others(candidates, links).difference(parts)
    if others:
        more_parts, more_evidence, _ = await read_parts_and_evidence(connection, others, behind)
        parts |= more_parts
        links = find_links([*evidence, *more_evidence])
    standing: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for weak, strong in links.items():
        standing[strong].append(weak)
    rows = {candidate: find_row(candidate, links) for candidate in candidates}
    members = {row: [row, *standing[row]] for row in rows.values()}
    missing = {one for devices in members.values() for one in devices}.difference(parts)
    if missing:
        parts |= await read_parts(connection, missing, behind)
    found = []
    for candidate, row in rows.items():
        devices = members[row]
        if candidate != find_place({each: parts[each] for each in devices}, lead):
            continue
        merged = merge_parts([parts[each] for each in devices])
        answers = merged.answers
        if merged.last_event_at is not None and selection.admits(answers, merged.last_event_at):
            found.append((candidate, StatusDraft(row, devices, answers, merged.last_event_at)))
    return found
