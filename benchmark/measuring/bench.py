"""Measures one case once: drives it, counts its events in the database, and what they cost."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.contenders import catalogue
from benchmark.contenders.contender import Contender, Instance, Place, post
from benchmark.load import pgbench, wrk
from benchmark.load.notifications import Series, new_series
from benchmark.machine import postgres
from benchmark.machine.postgres import Server
from benchmark.machine.processes import read_cpu_seconds, read_memory
from benchmark.measuring import accounting
from benchmark.measuring.cases import Case, Limit, Programs
from benchmark.measuring.results import Sample

# A fifth of its time warms the caches and the adaptive interpreter.
WARM_SHARE = 0.2
# Above it wrk had hardly any time to wait for answers, so that wrk itself was the bottleneck.
GENERATOR_SHARE_MAX = 0.9
WHOLE = "SELECT count(*) FROM event JOIN event_identity USING (device_id, digest)"


@dataclass(slots=True)
class Bench:
    """What all measurements share.

    Attributes:
        seconds: to drive each case for.
        say: takes a line about the progress.
        stack: ends the templates with the run.
        templates: the URL of each contender's prepared database, by its name.
    """

    server: Server
    programs: Programs
    folder: Path
    seconds: float
    say: Callable[[str], None]
    stack: ExitStack
    templates: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def make_database(self, contender: Contender) -> Iterator[str]:
        """Makes a prepared, unused database of a contender for the length of the block."""
        if contender.prepare is None:
            yield self.server.url
            return
        if contender.name not in self.templates:
            url = self.stack.enter_context(self.server.make_database(f"{contender.name}-template"))
            contender.prepare(url)
            self.templates[contender.name] = url
        with self.server.make_database(contender.name, self.templates[contender.name]) as url:
            yield url

    @contextmanager
    def start(self, case: Case) -> Iterator[tuple[Instance, str]]:
        """Starts the contender of a case on a database of its own; gives both."""
        with (
            self.make_database(case.contender) as url,
            case.contender.start(self.find_place(case, url)) as running,
        ):
            yield running, url

    def find_place(self, case: Case, url: str) -> Place:
        """Returns where a case runs on a database."""
        return Place(url, self.folder, case.workers, case.settings)


def measure(bench: Bench, case: Case, round_: int) -> Sample:
    """Starts a case, warms it, drives it, and counts what is stored."""
    with bench.make_database(case.contender) as url:
        with case.contender.start(bench.find_place(case, url)) as running:
            # The warming up adds next to none: the watch begins with a checkpoint.
            images = postgres.ask_number(url, postgres.PAGE_IMAGES)
            _drive(bench, case, running, case.series(), WARM_SHARE * bench.seconds)
            series = case.series()
            with watch(bench, running.pid, url) as used:
                driven = _drive(bench, case, running, series, bench.seconds)
            held = read_memory(running.pid)
            stored = case.stored
            found = None if stored is None else accounting.count(url, stored, series)
        if stored is not None:
            images = postgres.count_page_images(url) - images
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
        stored=found.confirm(answered, driven.repeated) if found else answered,
        found=found.events + driven.repeated if found else answered,
        missing=found.count_missing(answered, driven.repeated) if found else 0,
        duplicates=found.duplicates if found else 0,
        refused=amiss,
        failed=driven.failed,
        p50_ms=driven.p50_ms,
        p99_ms=driven.p99_ms,
        p999_ms=driven.p999_ms,
        server_cpu_seconds=used.server_cpu_seconds,
        postgres_cpu_seconds=used.postgres_cpu_seconds if found else None,
        wal_bytes=used.wal_bytes if found else None,
        page_images=images if found else None,
        disk_bytes=used.disk_bytes if found else None,
        resident_bytes=held.resident,
        proportional_bytes=held.proportional,
    )


def _drive(
    bench: Bench, case: Case, running: Instance, series: Series, seconds: float
) -> wrk.WrkRun:
    """Drives a case, and returns once every request is settled."""
    driven = wrk.drive(
        bench.programs.wrk,
        running.address,
        running.token,
        series,
        seconds=seconds,
        connections=case.connections,
        members=case.members,
    )
    # Requests still open at the end of wrk are stored all the same; this one comes after them.
    post(running.address, running.token, new_series())
    return driven


def measure_limit(bench: Bench, program: Path, limit: Limit, round_: int) -> Sample:
    """Writes the product's rows with pgbench; returns the sample of the best clients."""
    best: Sample | None = None
    for clients in limit.clients:
        with bench.make_database(catalogue.OURS) as url:
            sample = new_series()
            with catalogue.OURS.start(Place(url, bench.folder)) as running:
                post(running.address, running.token, sample)
            file = bench.folder / f"{limit.name}.sql"
            file.write_text(pgbench.make_script(url, sample, limit.rows))
            before = postgres.ask_number(url, WHOLE)
            images = postgres.count_page_images(url)
            with watch(bench, None, url) as used:
                written = pgbench.write(
                    program, url, file, seconds=bench.seconds, clients=clients, rows=limit.rows
                )
            stored = postgres.ask_number(url, WHOLE)
            images = postgres.count_page_images(url) - images
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
            page_images=images,
            disk_bytes=used.disk_bytes,
        )
        if best is None or measured.rate > best.rate:
            best = measured
    assert best is not None
    return best


@dataclass(slots=True)
class Usage:
    """CPU, log and disk that a block used."""

    server_cpu_seconds: float | None = None
    postgres_cpu_seconds: float | None = None
    wal_bytes: int = 0
    disk_bytes: int = 0


@contextmanager
def watch(bench: Bench, pid: int | None, url: str) -> Iterator[Usage]:
    """Measures what a block uses, from a checkpoint on.

    Args:
        pid: of the serving process; None: there is none.
    """
    postmaster = bench.server.find_process()
    postgres.checkpoint(url)
    used = Usage()

    def look() -> tuple[int, int, float | None, float | None]:
        return (
            postgres.ask_number(url, postgres.WRITTEN),
            postgres.ask_number(url, postgres.DISK),
            None if pid is None else read_cpu_seconds(pid),
            None if postmaster is None else read_cpu_seconds(postmaster.pid),
        )

    wal, disk, server, database = look()
    yield used
    wal_after, disk_after, server_after, database_after = look()
    used.wal_bytes, used.disk_bytes = wal_after - wal, disk_after - disk
    if server is not None and server_after is not None:
        used.server_cpu_seconds = server_after - server
    if database is not None and database_after is not None:
        used.postgres_cpu_seconds = database_after - database
