"""Drives an address with wrk, as fast as it answers, and reads what wrk says."""

import json
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmark.load.notifications import Series

SCRIPT = Path(__file__).with_name("notifications.lua")
SAID = "SAID "
# An answer this late is a failure of its own; one that is merely slow is to be seen.
TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Driven:
    """What came of one run.

    Attributes:
        issued: events that were put into requests, also into those still open at the end.
        acknowledged: events that were answered 204.
        refused: requests that were answered 400 or more.
        failed: requests that were not answered.
        cpu_share: of one core, 0 to 1: near 1, wrk sent as fast as it could.
    """

    seconds: float
    issued: int
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
) -> Driven:
    """Sends a series over so many connections, each with one request at a time.

    Args:
        address: of the service, without a path; it answers 204 or an error, nothing else.
        members: events in a request; more than one are sent as a CloudEvents batch.

    Raises:
        RuntimeError: wrk failed, in its own words.
    """
    command: list[str | Path] = [
        *(program, f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s"),
        *("--timeout", f"{TIMEOUT_SECONDS}s", "-s", SCRIPT, address),
        *("--", series.template, token, str(members)),
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
    line = next((line for line in ended.stdout.splitlines() if line.startswith(SAID)), None)
    if ended.returncode != 0 or line is None:
        raise RuntimeError(f"wrk ended with status {ended.returncode}: {ended.stderr.strip()}")
    said = json.loads(line.removeprefix(SAID))
    return Driven(
        seconds=said["seconds"],
        issued=said["issued"],
        acknowledged=(said["answers"] - said["refused"]) * members,
        refused=said["refused"],
        failed=said["failed"],
        p50_ms=said["p50_ms"],
        p99_ms=said["p99_ms"],
        p999_ms=said["p999_ms"],
        max_ms=said["max_ms"],
        cpu_share=(_children_cpu_seconds() - cpu_before) / said["seconds"] / threads,
    )


def _children_cpu_seconds() -> float:
    """Returns the CPU time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
