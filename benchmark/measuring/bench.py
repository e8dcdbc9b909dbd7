"""One case, measured once: driven, then looked for in the database, with all that it used."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.contenders import catalogue
from benchmark.contenders.contender import Contender, Place, Running, post
from benchmark.load import pgbench, wrk
from benchmark.load.notifications import Series, new_series
from benchmark.machine import postgres
from benchmark.machine.postgres import Server
from benchmark.machine.processes import cpu_seconds, memory
from benchmark.measuring import accounting
from benchmark.measuring.cases import Case, Limit, Programs
from benchmark.measuring.results import Sample

# A fifth: caches, connections and the interpreter's specialised code are warm within a second.
WARM_SHARE = 0.2
# Above it wrk had no time left to wait for answers; below it what it drives was the slower one.
GENERATOR_SHARE_MAX = 0.9
WHOLE = "SELECT count(*) FROM event JOIN event_identity USING (device_id, digest)"


@dataclass(slots=True)
class Bench:
    """What all measurements share: the server, the programs, a folder, how long to drive.

    Attributes:
        say: told in one line what is going on.
    """

    server: Server
    programs: Programs
    folder: Path
    seconds: float
    say: Callable[[str], None]
    stack: ExitStack
    templates: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def database(self, contender: Contender) -> Iterator[str]:
        """A database that the contender has prepared and nobody has used."""
        if contender.prepare is None:
            yield self.server.url
            return
        if contender.name not in self.templates:
            url = self.stack.enter_context(self.server.database(f"{contender.name}-template"))
            contender.prepare(url)
            self.templates[contender.name] = url
        with self.server.database(contender.name, self.templates[contender.name]) as url:
            yield url

    @contextmanager
    def running(self, case: Case) -> Iterator[tuple[Running, str]]:
        """A case's contender on a database of its own, and the URL of that."""
        with self.database(case.contender) as url:
            place = Place(url, self.folder, case.workers, case.settings)
            with case.contender.start(place) as running:
                yield running, url


def measure(bench: Bench, case: Case, round_: int) -> Sample:
    """Starts a case, warms it, drives it, and counts what is stored."""
    with bench.running(case) as (running, url):
        _drive(bench, case, running, case.series(), WARM_SHARE * bench.seconds)
        series = case.series()
        with watched(bench, running.pid, url) as used:
            driven = _drive(bench, case, running, series, bench.seconds)
        held = memory(running.pid)
        stored = case.stored
        found = None if stored is None else accounting.find(url, stored, series)
    if driven.cpu_share > GENERATOR_SHARE_MAX:
        bench.say(f"wrk used {driven.cpu_share:.0%} of a core: it may have bounded {case.name}")
    answered, amiss = driven.acknowledged, driven.refused
    if case.is_refused:
        answered, amiss = amiss, answered
    return Sample(
        case=case.name,
        round=round_,
        seconds=driven.seconds,
        acknowledged=answered,
        stored=found.counted(answered) if found else answered,
        found=found.events if found else answered,
        missing=found.missing(answered) if found else 0,
        duplicates=found.duplicates if found else 0,
        refused=amiss,
        failed=driven.failed,
        p50_ms=driven.p50_ms,
        p99_ms=driven.p99_ms,
        p999_ms=driven.p999_ms,
        server_cpu_seconds=used.server_cpu_seconds,
        postgres_cpu_seconds=used.postgres_cpu_seconds if found else None,
        wal_bytes=used.wal_bytes if found else None,
        disk_bytes=used.disk_bytes if found else None,
        resident_bytes=held.resident,
        proportional_bytes=held.proportional,
    )


def _drive(
    bench: Bench, case: Case, running: Running, series: Series, seconds: float
) -> wrk.Driven:
    """Drives a case, and returns once all that was sent is dealt with."""
    driven = wrk.drive(
        bench.programs.wrk,
        running.address,
        running.token,
        series,
        seconds=seconds,
        connections=case.connections,
        members=case.members,
    )
    # Requests still open at wrk's end go on to be stored; this one comes after them.
    post(running.address, running.token, new_series())
    return driven


def measure_limit(bench: Bench, program: Path, limit: Limit, round_: int) -> Sample:
    """Writes the product's rows with pgbench, at the number of clients that does best."""
    best: Sample | None = None
    for clients in limit.clients:
        with bench.database(catalogue.OURS) as url:
            sample = new_series()
            with catalogue.OURS.start(Place(url, bench.folder)) as running:
                post(running.address, running.token, sample)
            file = bench.folder / f"{limit.name}.sql"
            file.write_text(pgbench.script(url, sample, limit.rows))
            before = postgres.number(url, WHOLE)
            with watched(bench, None, url) as used:
                written = pgbench.write(
                    program, url, file, seconds=bench.seconds, clients=clients, rows=limit.rows
                )
            stored = postgres.number(url, WHOLE)
        measured = Sample(
            case=limit.name,
            round=round_,
            seconds=written.seconds,
            acknowledged=written.rows,
            stored=min(written.rows, stored - before),
            found=stored - before,
            missing=max(0, written.rows - (stored - before)),
            p50_ms=written.mean_ms,
            postgres_cpu_seconds=used.postgres_cpu_seconds,
            wal_bytes=used.wal_bytes,
            disk_bytes=used.disk_bytes,
        )
        if best is None or measured.rate > best.rate:
            best = measured
    assert best is not None
    return best


@dataclass(slots=True)
class Used:
    """What was used from the beginning of a block to its end."""

    server_cpu_seconds: float | None = None
    postgres_cpu_seconds: float | None = None
    wal_bytes: int = 0
    disk_bytes: int = 0


@contextmanager
def watched(bench: Bench, pid: int | None, url: str) -> Iterator[Used]:
    """Tells what a block used, counted from a checkpoint.

    Args:
        pid: of the process that serves; None: there is none.
    """
    postmaster = bench.server.process()
    postgres.checkpoint(url)
    used = Used()

    def look() -> tuple[int, int, float | None, float | None]:
        return (
            postgres.number(url, postgres.WRITTEN),
            postgres.number(url, postgres.KEPT),
            None if pid is None else cpu_seconds(pid),
            None if postmaster is None else cpu_seconds(postmaster.pid),
        )

    wal, disk, server, database = look()
    yield used
    wal_after, disk_after, server_after, database_after = look()
    used.wal_bytes, used.disk_bytes = wal_after - wal, disk_after - disk
    if server is not None and server_after is not None:
        used.server_cpu_seconds = server_after - server
    if database is not None and database_after is not None:
        used.postgres_cpu_seconds = database_after - database
