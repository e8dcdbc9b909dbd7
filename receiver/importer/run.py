"""One import: notifications through intake, as if they arrived when the file says."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from receiver.app.storing import Storing
from receiver.errors import MediaTypeUnsupported, NotificationRefused
from receiver.events.event import Arrival
from receiver.importer.lines import Line
from receiver.intake import modes
from receiver.intake.intake import Delivery, Refused, Sender, named_refusal
from receiver.intake.modes import Content, Member, Mode, choose_headers
from receiver.store.events.known import identify_arrival
from receiver.store.quarantine.rows import REASON_LENGTH, NewRow

# Notifications that are submitted together, or the bytes of their lines; the writer commits them in
# one transaction or two.
GROUP = 256
GROUP_BYTES = 4 * 1024 * 1024

# Line numbers that are told of one reason, and reasons.
NUMBERS_MAX = 10
REASONS_MAX = 100
OTHER_REASONS = "other reasons"


class ImportSummary:
    """The numbers of lines by what became of them, and of those refused where they are, by reason.

    Attributes:
        new: at least one notification in them was not stored before.
        known: all in them were.
        refused: at least one notification in them was.
    """

    def __init__(self) -> None:
        self.new = 0
        self.known = 0
        self.refused = 0
        self._lines: defaultdict[str, list[int]] = defaultdict(list)
        self._counts: defaultdict[str, int] = defaultdict(int)

    def refuse(self, line: Line, reason: str) -> None:
        """Counts one that was refused."""
        self.refused += 1
        if reason not in self._counts and len(self._counts) >= REASONS_MAX:
            reason = OTHER_REASONS
        self._counts[reason] += 1
        if len(self._lines[reason]) < NUMBERS_MAX:
            self._lines[reason].append(line.number)

    def compose_text(self) -> str:
        """Returns a line for each number, and one for each reason."""
        told = [f"new      {self.new}", f"known    {self.known}", f"refused  {self.refused}"]
        for reason, count in sorted(self._counts.items(), key=lambda found: -found[1]):
            numbers = ", ".join(map(str, self._lines[reason]))
            more = ", …" if count > NUMBERS_MAX else ""
            told.append(f"{count:>7}  {reason} (lines {numbers}{more})")
        return "\n".join(told)


class Import:
    """Stores the lines of one file.

    Args:
        sender: the credential that they came by.
        now: when a line was received that does not say.
        body_limit_bytes, members_limit: as at the sink.
    """

    def __init__(
        self,
        storing: Storing,
        sender: Sender,
        *,
        now: datetime,
        body_limit_bytes: int,
        members_limit: int,
    ) -> None:
        self._storing = storing
        self._sender = sender
        self._now = now
        self._body_limit_bytes = body_limit_bytes
        self._members_limit = members_limit
        self.summary = ImportSummary()

    async def run(self, lines: Iterable[Line], note: Callable[[], None]) -> None:
        """Stores all lines.

        Args:
            note: called after each group of them.

        Raises:
            Unavailable: not all are known to be stored; another run is harmless.
        """
        group: list[tuple[Line, Content, Sequence[Member]]] = []
        size = size_bytes = 0
        for line in lines:
            fault = line.fault or self._find_fault(line)
            if fault is not None:
                self.summary.refuse(line, fault)
                continue
            try:
                content, members = self._open(line)
            except (NotificationRefused, MediaTypeUnsupported) as error:
                self.summary.refuse(line, str(error))
                await self._keep(line, str(error), line.body, 0, None)
                continue
            group.append((line, content, members))
            size += len(members)
            size_bytes += len(line.body)
            if size >= GROUP or size_bytes >= GROUP_BYTES:
                await self._store(group)
                note()
                group, size, size_bytes = [], 0, 0
        await self._store(group)
        note()

    def _find_fault(self, line: Line) -> str | None:
        """Returns why a line is no notification that may have arrived."""
        if self._time(line) > self._now:
            return "receivedAt: lies ahead of now"
        if len(line.body) > self._body_limit_bytes:
            return f"body: larger than {self._body_limit_bytes} bytes"
        return None

    def _open(self, line: Line) -> tuple[Content, Sequence[Member]]:
        content = modes.open_content(line.headers, line.body, self._body_limit_bytes)
        members = content.split(self._members_limit + 1)
        if len(members) > self._members_limit:
            raise NotificationRefused(f"the batch has more than {self._members_limit} members")
        return content, members

    async def _store(self, group: Sequence[tuple[Line, Content, Sequence[Member]]]) -> None:
        deliveries = [
            Delivery(member, self._sender, self._time(line), self._name(line, place))
            for line, _, members in group
            for place, member in enumerate(members)
        ]
        understood = list(self._storing.intake.arrivals(deliveries))
        are_new = await self._find_new(understood)
        outcomes = await self._storing.intake.settle(
            [
                self._storing.writer.submit(each) if isinstance(each, Arrival) else each
                for each in understood
            ]
        )
        first = 0
        for line, content, members in group:
            its = slice(first, first + len(members))
            first = its.stop
            own = outcomes[its]
            is_batch = content.mode is Mode.BATCH
            refusal = named_refusal(own, is_batch=is_batch)
            if refusal is None:
                if any(are_new[its]):
                    self.summary.new += 1
                else:
                    self.summary.known += 1
                continue
            self.summary.refuse(line, str(refusal))
            for place, (member, outcome) in enumerate(zip(members, own, strict=True)):
                if isinstance(outcome, NotificationRefused):
                    body = member.body if is_batch else line.body
                    await self._keep(line, str(outcome), body, place, content.mode)

    async def _find_new(self, understood: Sequence[Arrival | Refused]) -> list[bool]:
        """Returns of each whether it is an event that is neither stored nor among those before."""
        arrivals = [each for each in understood if isinstance(each, Arrival)]
        known = await self._storing.find_known(arrivals)
        are_new = []
        for each in understood:
            identity = identify_arrival(each) if isinstance(each, Arrival) else None
            are_new.append(identity is not None and identity not in known)
            if identity is not None:
                known.add(identity)
        return are_new

    async def _keep(
        self, line: Line, reason: str, body: bytes, place: int, mode: Mode | None
    ) -> None:
        row = NewRow(
            received_at=self._time(line),
            credential=self._sender.name,
            reason=reason[:REASON_LENGTH],
            media_type=line.headers.get("content-type"),
            headers=choose_headers(line.headers, mode),
            body=body,
            is_member=mode is Mode.BATCH,
            arrival_id=self._name(line, place),
        )
        await self._storing.quarantine.keep_once(row)

    def _time(self, line: Line) -> datetime:
        return line.received_at or self._now

    def _name(self, line: Line, place: int) -> str:
        """Returns the id of an arrival, the same whenever the line is imported again."""
        said = (self._sender.name, line.number, place, line.received_at, line.body)
        return hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()
