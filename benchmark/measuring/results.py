"""The results of a run, in JSON outside of git."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from benchmark.machine.processes import ROOT
from benchmark.measuring.growth import Growth


@dataclass(frozen=True, slots=True)
class Sample:
    """One case in one round.

    Attributes:
        case: its name.
        seconds: of the load.
        acknowledged: events with the right answer: 204, or 400 for what is no event.
        stored: acknowledged events that are in the database.
        found: all in the database, those without an answer too; all of them took CPU and disk.
        missing: acknowledged events that are certainly not stored.
        duplicates: rows that repeat an event.
        refused, failed: requests with another answer, or with none.
        server_cpu_seconds, postgres_cpu_seconds: None: not of this machine, or not there.
        wal_bytes, disk_bytes: the growth of log and tables.
        page_images: whole pages in the log, for the first change after a checkpoint.
        resident_bytes, proportional_bytes: of the serving process.
    """

    case: str
    round: int
    seconds: float
    acknowledged: int
    stored: int
    found: int
    missing: int = 0
    duplicates: int = 0
    refused: int = 0
    failed: int = 0
    p50_ms: float | None = None
    p99_ms: float | None = None
    p999_ms: float | None = None
    server_cpu_seconds: float | None = None
    postgres_cpu_seconds: float | None = None
    wal_bytes: int | None = None
    disk_bytes: int | None = None
    page_images: int | None = None
    resident_bytes: int | None = None
    proportional_bytes: int | None = None

    @property
    def rate(self) -> float:
        """Stored events a second."""
        return self.stored / self.seconds

    @property
    def server_cpu_us(self) -> float | None:
        """CPU of the server for each stored event, in microseconds."""
        return self._each(self.server_cpu_seconds, 1e6)

    @property
    def postgres_cpu_us(self) -> float | None:
        """CPU of Postgres for each stored event, in microseconds."""
        return self._each(self.postgres_cpu_seconds, 1e6)

    @property
    def cpu_us(self) -> float | None:
        """CPU of both for each stored event, in microseconds."""
        if self.server_cpu_us is None and self.postgres_cpu_us is None:
            return None
        return (self.server_cpu_us or 0.0) + (self.postgres_cpu_us or 0.0)

    @property
    def wal_bytes_each(self) -> float | None:
        """Write-ahead log for each stored event, in bytes."""
        return self._each(self.wal_bytes)

    @property
    def page_images_each(self) -> float | None:
        """Whole pages in the write-ahead log for each stored event."""
        return self._each(self.page_images)

    @property
    def disk_bytes_each(self) -> float | None:
        """Tables and indexes for each stored event, in bytes."""
        return self._each(self.disk_bytes)

    @property
    def spread(self) -> float | None:
        """The 99th percentile of the latency as a multiple of the median."""
        return self.p99_ms / self.p50_ms if self.p99_ms and self.p50_ms else None

    def _each(self, amount: float | None, factor: float = 1.0) -> float | None:
        return None if amount is None or not self.found else factor * amount / self.found


@dataclass(frozen=True, slots=True)
class Latency:
    """Latency at a fixed rate, from when each request was due; one case in one round."""

    case: str
    round: int
    rate: float
    sent: int
    stored: int
    p50_ms: float
    p99_ms: float
    p999_ms: float


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """The time from the start of a process to its first 204; one case in one round."""

    case: str
    round: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Stall:
    """The answers to notifications while the database stood still.

    Attributes:
        stalled_seconds: without any write.
        answers: the number of each status; 0: no answer.
        slowest_seconds: of the latest answer, from when its request was due.
        slowest_refusal_seconds: of the latest 503.
        seconds_by_due: when a request was due, its latency and status; every tenth request.
        recovery_seconds: from the end of the stall to the first 204.
        missing: acknowledged events that are not stored.
        duplicates: rows that repeat an event.
    """

    deadline_seconds: float
    stalled_seconds: float
    rate: float
    answers: dict[int, int]
    slowest_seconds: float
    slowest_refusal_seconds: float
    recovery_seconds: float
    missing: int
    duplicates: int
    seconds_by_due: list[tuple[float, float, int]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of the soak.

    Attributes:
        at_seconds: from the beginning of the soak to the end of the stretch.
        checkpoints, autovacuums: since the beginning of the soak.
    """

    at_seconds: float
    rate: float
    p99_ms: float
    resident_bytes: int
    proportional_bytes: int
    missing: int
    refused: int
    checkpoints: int
    autovacuums: int


@dataclass(frozen=True, slots=True)
class Results:
    """The results of every part; a part that was not taken is empty.

    Attributes:
        machine: the machine and the versions.
        postgres: the settings of the server.
        titles: the name of each case for a reader.
        taken: for each part its rounds, time and commit.
        skipped: reasons, one for each contender that is missing.
    """

    machine: dict[str, str]
    postgres: dict[str, str]
    titles: dict[str, str]
    taken: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    throughput: list[Sample] = field(default_factory=list)
    pieces: list[Sample] = field(default_factory=list)
    steady: list[Latency] = field(default_factory=list)
    start: list[FirstAnswer] = field(default_factory=list)
    stall: Stall | None = None
    soak: list[Interval] = field(default_factory=list)
    growth: Growth | None = None


# Git ignores it: every run turns thousands of its lines over.
OUTPUT = ROOT / "build" / "benchmark" / "results.json"

_JSON = TypeAdapter(Results)


def read(path: Path) -> Results:
    """Reads the results in a file."""
    return _JSON.validate_json(path.read_bytes())


def write(results: Results, path: Path) -> None:
    """Writes results into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_JSON.dump_json(results, indent=1) + b"\n")


def median(values: Sequence[float | None]) -> float | None:
    """Returns the median of the values that are known."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
