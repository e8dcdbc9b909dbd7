"""The results of the growth part: the same work on tables of several sizes."""

from dataclasses import dataclass

# Names of questions, reports and companies that targets are about.
BY_ID = "one event by id"
MONTH, MONTH_OF_TABLE = "a month's count by kind, reporting.event", "the same of the table"
REPORT, CLIENTS = "a report of everything", "eight clients, five questions a second each"


@dataclass(frozen=True, slots=True)
class Filling:
    """One database, as it was filled.

    Attributes:
        title: names the size in all other results.
        is_even: whether every device has as many events.
        seconds: that writing the events took, without deriving.
        derive_seconds: that deriving everything took.
        disk_bytes: of all tables with their indexes.
    """

    title: str
    events: int
    devices: int
    is_even: bool
    seconds: float
    derive_seconds: float
    disk_bytes: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers to one question on one size.

    Attributes:
        is_dense: whether its page finds 50 events within the newest 100,000.
        count: of the answers.
        refused: of them, those that were 503.
        p50_ms, p99_ms: of all of them.
    """

    size: str
    question: str
    is_dense: bool
    count: int
    refused: int
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """One report in SQL on one size, once.

    Attributes:
        seconds: as many as it was given, if it did not end before.
    """

    size: str
    report: str
    round: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Written:
    """One run of the intake at full speed on one size: events of devices that the table has.

    Attributes:
        derives: whether the projector worked meanwhile.
        acknowledged: events answered 204.
        postgres_cpu_seconds: None: Postgres is not on this machine.
        page_images: whole pages in the write-ahead log.
    """

    size: str
    round: int
    derives: bool
    seconds: float
    acknowledged: int
    server_cpu_seconds: float
    postgres_cpu_seconds: float | None
    wal_bytes: int
    page_images: int

    @property
    def rate(self) -> float:
        """Acknowledged events a second."""
        return self.acknowledged / self.seconds

    @property
    def postgres_cpu_us(self) -> float | None:
        """CPU of Postgres for each event, in microseconds."""
        used = self.postgres_cpu_seconds
        return None if used is None else 1e6 * used / self.acknowledged

    @property
    def server_cpu_us(self) -> float:
        """CPU of the server for each event, in microseconds."""
        return 1e6 * self.server_cpu_seconds / self.acknowledged

    @property
    def wal_bytes_each(self) -> float:
        """Write-ahead log for each event, in bytes."""
        return self.wal_bytes / self.acknowledged

    @property
    def page_images_each(self) -> float:
        """Whole pages in the log for each event."""
        return self.page_images / self.acknowledged


@dataclass(frozen=True, slots=True)
class Beside:
    """The latency of the intake at a fixed rate, once: alone, or beside something.

    Attributes:
        what: that went on meanwhile; empty: nothing.
        done: how often that was finished.
        refused: notifications with another answer than 204.
    """

    size: str
    what: str
    round: int
    rate: float
    done: int
    refused: int
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Growth:
    """What the part found, in the order of the sizes: from the smallest to the largest."""

    fillings: list[Filling]
    asked: list[Asked]
    reports: list[Report]
    written: list[Written]
    beside: list[Beside]

    @property
    def largest(self) -> Filling | None:
        """The largest of the skewed fleets."""
        return max(self._skewed(), key=lambda one: one.events, default=None)

    @property
    def next_largest(self) -> Filling | None:
        """The one that the largest is compared with, by what questions take."""
        smaller = [one for one in self._skewed() if one != self.largest]
        return max(smaller, key=lambda one: one.events, default=None)

    @property
    def with_events(self) -> list[Filling]:
        """Those that questions are asked about."""
        return [one for one in self.fillings if one.events]

    @property
    def empty(self) -> Filling | None:
        """The one without events."""
        return next((one for one in self.fillings if not one.events), None)

    def _skewed(self) -> list[Filling]:
        return [one for one in self.with_events if not one.is_even]
