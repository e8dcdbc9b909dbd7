"""What a run found out, as it is kept in JSON and read again."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from benchmark.machine.processes import ROOT


@dataclass(frozen=True, slots=True)
class Sample:
    """One case in one round.

    Attributes:
        case: its name.
        seconds: how long it was driven.
        acknowledged: events answered as they should be, 204 or for what is no event 400.
        stored: of those, how many were found in the database; for a limit, how many it did.
        found: with those whose answer was still under way; they too took CPU, log and disk.
        missing: acknowledged events that are certainly not stored.
        duplicates: rows too many.
        refused, failed: requests answered otherwise, or not at all.
        server_cpu_seconds, postgres_cpu_seconds: None where it cannot be seen from here.
        wal_bytes, disk_bytes: of the database, from before to after.
        resident_bytes, proportional_bytes: of the process that serves.
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
    def disk_bytes_each(self) -> float | None:
        """Tables and indexes for each stored event, in bytes."""
        return self._each(self.disk_bytes)

    @property
    def spread(self) -> float | None:
        """How much later the slowest hundredth is answered than the middle."""
        return self.p99_ms / self.p50_ms if self.p99_ms and self.p50_ms else None

    def _each(self, amount: float | None, factor: float = 1.0) -> float | None:
        return None if amount is None or not self.found else factor * amount / self.found


@dataclass(frozen=True, slots=True)
class Steady:
    """Latency at a fixed rate, each from when the request was due; one case in one round."""

    case: str
    round: int
    rate: float
    sent: int
    stored: int
    p50_ms: float
    p99_ms: float
    p999_ms: float


@dataclass(frozen=True, slots=True)
class Begun:
    """From the start of a process to its first 204; one case in one round."""

    case: str
    round: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Stall:
    """What became of notifications while the database stood still.

    Attributes:
        stalled_seconds: how long nothing could be written.
        answers: how many had each status; 0: none.
        slowest_seconds: the latest answer, counted from when its request was due.
        slowest_refusal_seconds: the same of those that were 503.
        recovery_seconds: from the end of the stall to the first 204.
        missing: acknowledged events that are not stored.
        duplicates: rows too many.
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
        at_seconds: its end, from the beginning.
        checkpoints, autovacuums: how many there were so far.
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
    """All that was found out; a part that was not taken is empty.

    Attributes:
        machine: what it ran on, and with which versions.
        postgres: the settings of the server.
        titles: what each case is called for a reader.
        taken: of each part, in which rounds, when and of which commit.
        skipped: what was left out, and why.
    """

    machine: dict[str, str]
    postgres: dict[str, str]
    titles: dict[str, str]
    taken: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    throughput: list[Sample] = field(default_factory=list)
    pieces: list[Sample] = field(default_factory=list)
    steady: list[Steady] = field(default_factory=list)
    start: list[Begun] = field(default_factory=list)
    stall: Stall | None = None
    soak: list[Interval] = field(default_factory=list)


# Git ignores it: every run turns thousands of its lines over.
OUTPUT = ROOT / "build" / "benchmark" / "results.json"

_JSON = TypeAdapter(Results)


def read(path: Path) -> Results:
    """The results in a file."""
    return _JSON.validate_json(path.read_bytes())


def write(results: Results, path: Path) -> None:
    """Keeps results in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_JSON.dump_json(results, indent=1) + b"\n")


def median(values: Sequence[float | None]) -> float | None:
    """The middle one of those that are known."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
