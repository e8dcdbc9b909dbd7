"""Minutes at saturation, across checkpoints and autovacuum, with the memory of the worker."""

import time

from benchmark.contenders import catalogue, ours
from benchmark.load import wrk
from benchmark.load.notifications import Series, new_series
from benchmark.machine import postgres
from benchmark.machine.processes import Memory, read_memory
from benchmark.measuring import accounting
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Case
from benchmark.measuring.results import Interval

# Thirty stretches in ten minutes show a trend.
INTERVAL_SECONDS = 20.0
# Postgres 17 moved the counters of checkpoints.
NEW_VIEW = 170000
CHECKPOINTS = "SELECT num_timed + num_requested FROM pg_stat_checkpointer"
CHECKPOINTS_BEFORE_17 = "SELECT checkpoints_timed + checkpoints_req FROM pg_stat_bgwriter"
AUTOVACUUMS = """
SELECT coalesce(sum(autovacuum_count + autoanalyze_count), 0)
FROM pg_stat_user_tables
"""

Stretch = tuple[float, Series, wrk.WrkRun, Memory, int, int]


def take(bench: Bench, seconds: float) -> list[Interval]:
    """Drives one worker over 64 connections, and counts its events at the end."""
    case = Case("ours", "this service", catalogue.OURS)
    stretches: list[Stretch] = []
    with bench.start(case) as (running, url):
        begin = time.monotonic()
        checkpoints_before = _checkpoints(url)
        while (at := time.monotonic() - begin) < seconds:
            series = new_series()
            driven = wrk.drive(
                bench.programs.wrk,
                running.address,
                running.token,
                series,
                seconds=min(INTERVAL_SECONDS, max(1.0, seconds - at)),
                connections=case.connections,
            )
            at = time.monotonic() - begin
            checkpoints = _checkpoints(url) - checkpoints_before
            autovacuums = postgres.ask_number(url, AUTOVACUUMS)
            held = read_memory(running.pid)
            stretches.append((at, series, driven, held, checkpoints, autovacuums))
            rate = driven.acknowledged / driven.seconds
            bench.say(f"soak {at:6.0f} s {rate:9.0f} events/s  {held.resident >> 20} MiB")
        counts = accounting.count_each(url, ours.STORED, [stretch[1] for stretch in stretches])
    return [
        Interval(
            at_seconds=at,
            rate=found.confirm(driven.acknowledged) / driven.seconds,
            p99_ms=driven.p99_ms,
            resident_bytes=held.resident,
            proportional_bytes=held.proportional,
            missing=found.count_missing(driven.acknowledged) + found.duplicates,
            refused=driven.refused + driven.failed,
            checkpoints=checkpoints,
            autovacuums=autovacuums,
        )
        for (at, _, driven, held, checkpoints, autovacuums), found in zip(
            stretches, counts, strict=True
        )
    ]


def _checkpoints(url: str) -> int:
    is_new = postgres.ask_number(url, "SHOW server_version_num") >= NEW_VIEW
    return postgres.ask_number(url, CHECKPOINTS if is_new else CHECKPOINTS_BEFORE_17)
