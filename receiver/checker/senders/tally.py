"""The counts over all that one sender sent; their size does not grow with the stream."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b

from receiver.checker.senders.captures import Capture
from receiver.checker.senders.masking import Masks, mask_type, show_media_type
from receiver.checker.verdict import SIZE_MAX
from receiver.errors import BodyTooLarge, MediaTypeUnsupported, NotificationRefused
from receiver.events import registry
from receiver.events.event import Event, Form
from receiver.events.findings import Finding
from receiver.intake import modes

# Where the file does not say when a notification was received, nothing lies ahead of it.
UNKNOWN_ARRIVAL = datetime(2100, 1, 1, tzinfo=UTC)

# Notifications within which the same id is seen again: 40 MB, and an hour of 50 a second.
IDS_MAX = 200_000
# Subscriptions whose latest event is known: 20 MB.
SUBSCRIPTIONS_MAX = 100_000
# Types and reasons that are counted one by one; a sender of more sends no types, but texts.
TYPES_MAX = 200
REASONS_MAX = 100
OTHER = "others"

# Bounds of the lateness that is counted, in seconds.
LATENESS_BOUNDS = (1, 10, 60, 300, 3600, 86_400)


@dataclass(frozen=True, slots=True)
class Example:
    """The first notification that shows a fault, masked.

    Attributes:
        place: the file and its line, and the position in a batch.
        media_type: of the request, if the file tells it.
    """

    place: str
    notification: object
    media_type: str | None


@dataclass(slots=True)
class Fault:
    """How often something is wrong, and the first that shows it."""

    example: Example
    count: int = 0


@dataclass(slots=True)
class Tally:
    """The counts.

    Attributes:
        broken: by the name of a finding.
        refused: by the reason.
        reused: ids that came again with something else to say.
        duplicates: notifications that came again.
        late_by: notifications by the smallest bound that their lateness keeps; None: none.
        first_at, last_at: of the times of events.
    """

    masks: Masks = field(default_factory=Masks)
    notifications: int = 0
    understood: int = 0
    with_findings: int = 0
    broken: dict[str, Fault] = field(default_factory=dict)
    refused: dict[str, Fault] = field(default_factory=dict)
    reused: Fault | None = None
    duplicates: int = 0
    out_of_order: int = 0
    forms: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    late_by: Counter[int | None] = field(default_factory=Counter)
    longest_late: float = 0.0
    first_at: datetime | None = None
    last_at: datetime | None = None
    _ids: dict[bytes, bytes] = field(default_factory=dict)
    _latest: dict[str, datetime] = field(default_factory=dict)

    def add(self, file: str, capture: Capture) -> None:
        """Counts a request and all notifications in it."""
        place = f"{file}:{capture.line}"
        if capture.fault is not None:
            self._refuse(NotificationRefused(capture.fault), place, capture, capture.body)
            return
        try:
            content = modes.open_content(capture.headers, capture.body, SIZE_MAX)
            if not capture.headers:
                # A file that has no headers does not break their rules either.
                content = content._replace(findings=frozenset())
            members = content.split()
        except (NotificationRefused, MediaTypeUnsupported, BodyTooLarge) as error:
            self._refuse(error, place, capture, capture.body)
            return
        is_batch = content.mode is modes.Mode.BATCH
        for index, member in enumerate(members):
            at = f"{place} [{index}]" if is_batch else place
            try:
                event = registry.understand(member.read(), capture.received_at or UNKNOWN_ARRIVAL)
            except NotificationRefused as refusal:
                self._refuse(refusal, at, capture, member.body)
            else:
                self._count(event, at, capture, member.body)

    def _refuse(self, error: Exception, place: str, capture: Capture, body: bytes) -> None:
        self.notifications += 1
        reason = str(error)
        if reason not in self.refused and len(self.refused) >= REASONS_MAX:
            reason = OTHER
        self._blame(self.refused, reason, place, capture, body)

    def _count(self, event: Event, place: str, capture: Capture, body: bytes) -> None:
        self.notifications += 1
        self.understood += 1
        self.with_findings += bool(event.findings)
        for finding in event.findings:
            self._blame(self.broken, finding, place, capture, body)
        self.forms[event.form] += 1
        self.kinds[event.kind] += 1
        shown = mask_type(event.type)
        self.types[_bound(self.types, shown)] += 1
        # A type without a dot has no version.
        version = shown.rpartition(".")[0] or shown
        if event.form is Form.LEGACY:
            version = Form.LEGACY
        self.versions[_bound(self.versions, version)] += 1
        if self._is_first(event, place, capture, body):
            self._count_times(event, capture)

    def _is_first(self, event: Event, place: str, capture: Capture, body: bytes) -> bool:
        """Returns whether an event is new, and counts it as a duplicate or a reused id if not."""
        key = _identify(event)
        before = self._ids.get(key)
        if before == event.digest:
            self.duplicates += 1
            return False
        if before is not None:
            if self.reused is None:
                self.reused = Fault(self._show(place, capture, body))
            self.reused.count += 1
        elif len(self._ids) >= IDS_MAX:
            del self._ids[next(iter(self._ids))]
        self._ids[key] = event.digest
        return True

    def _count_times(self, event: Event, capture: Capture) -> None:
        if Finding.TIME_MISSING in event.findings:
            return
        at = event.occurred_at
        self.first_at = at if self.first_at is None else min(self.first_at, at)
        self.last_at = at if self.last_at is None else max(self.last_at, at)
        if capture.received_at is not None:
            late = max((capture.received_at - at).total_seconds(), 0.0)
            self.longest_late = max(self.longest_late, late)
            self.late_by[next((bound for bound in LATENESS_BOUNDS if late <= bound), None)] += 1
        if event.subscription_id is None:
            return
        latest = self._latest.pop(event.subscription_id, at)
        self.out_of_order += at < latest
        if len(self._latest) >= SUBSCRIPTIONS_MAX:
            del self._latest[next(iter(self._latest))]
        self._latest[event.subscription_id] = max(at, latest)

    def _blame(
        self, faults: dict[str, Fault], name: str, place: str, capture: Capture, body: bytes
    ) -> None:
        fault = faults.get(name)
        if fault is None:
            fault = faults[name] = Fault(self._show(place, capture, body))
        fault.count += 1

    def _show(self, place: str, capture: Capture, body: bytes) -> Example:
        return Example(place, self.masks.mask_notification(body), show_media_type(capture.headers))


def count_all(captures: Iterable[tuple[str, Capture]]) -> Tally:
    """Returns the counts over captures, each with the name of its file."""
    tally = Tally()
    for file, capture in captures:
        tally.add(file, capture)
    return tally


def _bound(counts: Counter[str], name: str) -> str:
    """Returns the name under which something is counted, of which there are not too many."""
    return name if name in counts or len(counts) < TYPES_MAX else OTHER


def _identify(event: Event) -> bytes:
    """Returns what no other event of the sender should have in common with this one."""
    if event.event_id is None:
        return event.digest
    # The legacy form has no source, and an id within its subscription.
    said = repr((event.source or event.subscription_id, event.event_id))
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).digest()
