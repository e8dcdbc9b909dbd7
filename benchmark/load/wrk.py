"""Drives an address with wrk, as fast as it answers."""

import json
import resource
import subprocess
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from benchmark.load.notifications import Series

SCRIPT = Path(__file__).with_name("notifications.lua")
RESULT = "RESULT "
# An answer that takes longer counts as failed; the default deadline of a commit is 5 s.
TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class WrkRun:
    """One run of wrk.

    Attributes:
        issued: different events in all requests, those still open at the end included.
        repeated: redeliveries among all of them.
        acknowledged: notifications in requests answered 204, redeliveries included.
        refused: requests answered 400 or more.
        failed: requests without an answer.
        cpu_share: of one core for each thread, 0 to 1; near 1, wrk was the bottleneck.
    """

    seconds: float
    issued: int
    repeated: int
    acknowledged: int
    refused: int
    failed: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    cpu_share: float


def drive(
    program: Path,
    address: str,
    token: str,
    series: Series,
    *,
    seconds: float,
    connections: int,
    members: int = 1,
    threads: int = 1,
) -> WrkRun:
    """Sends a series over some connections, each with one request at a time.

    Args:
        address: of the service, without a path; it answers 204 or an error, nothing else.
        members: events in a request; more than one are sent as a CloudEvents batch.

    Raises:
        RuntimeError: wrk failed, in its own words.
    """
    command: list[str | Path] = [
        *(program, f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s"),
        *("--timeout", f"{TIMEOUT_SECONDS}s", "-s", SCRIPT, address),
        *("--", token, str(members), str(series.repeat_every), str(series.devices)),
        *chain.from_iterable(series.templates),
    ]
    cpu_before = _children_cpu_seconds()
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 2 * TIMEOUT_SECONDS,
        start_new_session=True,
    )
    line = next((line for line in ended.stdout.splitlines() if line.startswith(RESULT)), None)
    if ended.returncode != 0 or line is None:
        raise RuntimeError(f"wrk ended with status {ended.returncode}: {ended.stderr.strip()}")
    found = json.loads(line.removeprefix(RESULT))
    return WrkRun(
        seconds=found["seconds"],
        issued=found["issued"],
        repeated=found["repeated"],
        acknowledged=(found["answers"] - found["refused"]) * members,
        refused=found["refused"],
        failed=found["failed"],
        p50_ms=found["p50_ms"],
        p99_ms=found["p99_ms"],
        p999_ms=found["p999_ms"],
        max_ms=found["max_ms"],
        cpu_share=(_children_cpu_seconds() - cpu_before) / found["seconds"] / threads,
    )


def _children_cpu_seconds() -> float:
    """Returns the CPU time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
