"""The fleet in pages, exact after each acknowledgement as the status of one device is."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.projection.links import find_links, find_row
from receiver.store.connections.engine import reading
from receiver.store.connections.spreading import spread
from receiver.store.derived.behind import (
    LAST_DEVICE,
    Behind,
    BehindMemory,
)
from receiver.store.derived.linking import find_others
from receiver.store.derived.rows import Question, read_together
from receiver.store.fleet.candidates import (
    Lead,
    ask_for_candidates,
    ask_for_tail_devices,
    choose_lead,
    join_candidates,
)
from receiver.store.fleet.selection import FleetSelection
from receiver.store.status.parts import Parts, merge_parts, read_parts
from receiver.store.status.statuses import DeviceStatus, StatusDraft, complete

# Candidates that are read together.
STEP_CANDIDATES = 128

# Steps of one page, after which it ends early, if it is not larger than they are. Measured: a step
# whose devices do not pass takes 10 ms of this process and about as much of Postgres.
PAGE_STEPS = 4

# Candidates that are examined in one or two milliseconds, as many as the default page has.
CANDIDATES_OF_A_TURN = 64

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
        self._memory = BehindMemory()

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
        # The first step is all where every candidate is meant.
        size = min(STEP_CANDIDATES, limit + 1)
        async with reading(self._engine) as connection:
            behind, answers = await self._memory.ask(
                connection, LAST_DEVICE, partial(_ask_for_candidates, lead, place, size)
            )
            candidates = join_candidates(answers, size)
            for step in range(PAGE_STEPS + limit // STEP_CANDIDATES):
                if step:
                    questions = _ask_for_candidates(lead, place, size, behind)
                    candidates = join_candidates(await read_together(connection, *questions), size)
                if not candidates:
                    break
                found += await _examine(connection, candidates, lead, selection, behind)
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


def find_place(devices: Collection[UUID], parts: Mapping[UUID, Parts], lead: Lead) -> UUID | None:
    """Returns the place of a row: the first of its devices that is a candidate; None: none is.

    Args:
        devices: the device and those that stand for it.
    """
    return min((each for each in devices if lead.admits(parts[each])), default=None)


def _ask_for_candidates(lead: Lead, place: UUID, size: int, behind: Behind) -> list[Question]:
    """Asks for the next candidates behind a place, by what is derived and by what is not."""
    questions = [ask_for_candidates(lead, place, size)]
    if behind.conditions:
        questions.append(ask_for_tail_devices(behind, place, size))
    return questions


async def _examine(
    connection: AsyncConnection,
    candidates: Sequence[UUID],
    lead: Lead,
    selection: FleetSelection,
    behind: Behind,
) -> list[tuple[UUID, StatusDraft]]:
    """Returns the devices whose place is a candidate and that the selection admits."""
    parts, evidence = await read_parts(connection, candidates, behind)
    links = find_links(evidence)
    others = find_others(candidates, links)
    if others:
        more_parts, more_evidence = await read_parts(connection, others, behind)
        parts |= more_parts
        links = find_links([*evidence, *more_evidence])
    rows = _list_rows(candidates, links)
    missing = {each for devices in rows for each in devices}.difference(parts) if links else ()
    if missing:
        more_parts, _ = await read_parts(connection, missing, behind)
        parts |= more_parts
    found = []
    pairs = tuple(zip(candidates, rows, strict=True))
    async for candidate, devices in spread(pairs, CANDIDATES_OF_A_TURN):
        if candidate != find_place(devices, parts, lead):
            continue
        merged = merge_parts([parts[each] for each in devices])
        answers = merged.answers
        if merged.last_event_at is not None and selection.admits(answers, merged.last_event_at):
            draft = StatusDraft(devices[0], devices, answers, merged.last_event_at)
            found.append((candidate, draft))
    return found


def _list_rows(candidates: Sequence[UUID], links: Mapping[UUID, UUID]) -> list[list[UUID]]:
    """Returns the row of each candidate: its device, and those that stand for it behind it."""
    if not links:
        return [[candidate] for candidate in candidates]
    standing: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for weak, strong in links.items():
        standing[strong].append(weak)
    rows = [find_row(candidate, links) for candidate in candidates]
    return [[row, *standing[row]] for row in rows]
