"""A run: senders and probes at a place where faults strike, and what is found afterwards."""

import asyncio
import os
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from receiver.client import Client, ClientError
from tests.support.processes import open_folder, until
from tests.system.faults.deliveries import ACCEPTED, CUT, REFUSED, Log, send
from tests.system.faults.faults import Fault
from tests.system.faults.places import Place
from tests.system.faults.probes import PROBES, Seen, probe_all
from tests.system.faults.supervisor import supervised

SETTINGS = {
    # The strangers of a run are one address with a new token each time.
    "RECEIVER_ATTEMPTS_LIMIT": "1000000",
    # Room for all that wait at once: those of ten seconds, and those that try again.
    "RECEIVER_CONNECTION_LIMIT": "4000",
}

# By itself, after the fault has ended; it includes a start of the service on a busy machine.
HEALING_SECONDS = 30.0
HEALTHY_SECONDS = 1.0
WARM_UP_SECONDS = 30.0
WARM = 50

# How long a sender waits for its answer at most.
NOTIFICATION_SECONDS = 10.0

# What senders and probes of this process wait for their turn on a busy machine.
SPARE_SECONDS = 1.5

# What connections wait for more while a service starts, which has its door open before its workers.
START_SECONDS = 5.0

STORED = "SELECT sender_event_id, deliveries FROM reporting.event"
PAGE = 1000


@dataclass(slots=True)
class Outcome:
    """What a run came to.

    Attributes:
        missing: ids that were acknowledged, and are not stored or not found by a question.
        doubled: ids that are stored more than once, or count another number of deliveries than
            their sender made.
        gap_seconds: the longest time without a 204.
        healed_seconds: from the end of the last fault until everything answers as before it;
            None: it did not come to that.
        remarks: what was found wrong beside that, in a sentence each.
    """

    names: str
    log: Log = field(default_factory=Log, repr=False)
    seen: dict[str, Seen] = field(
        default_factory=lambda: {one.name: Seen() for one in PROBES}, repr=False
    )
    missing: set[str] = field(default_factory=set, repr=False)
    doubled: set[str] = field(default_factory=set, repr=False)
    gap_seconds: float = 0.0
    healed_seconds: float | None = 0.0
    remarks: list[str] = field(default_factory=list)

    def row(self) -> str:
        """Returns the figures as a row of Markdown."""
        probe, slowest = max(
            ((name, seen.slowest_seconds) for name, seen in self.seen.items()),
            key=lambda one: one[1],
        )
        healed = "no" if self.healed_seconds is None else f"{self.healed_seconds:.1f}"
        cells = (
            self.names,
            len(self.log.acknowledged()),
            f"{len(self.missing)}, {len(self.doubled)}",
            self.log.answers[REFUSED],
            self.log.answers[CUT],
            f"{self.gap_seconds:.1f}",
            f"{self.log.slowest_seconds:.1f}",
            f"{slowest:.1f} ({probe})",
            healed,
        )
        return f"| {' | '.join(map(str, cells))} |"


HEAD = (
    "| fault | acknowledged | missing, double | 503 | cut off | longest gap s | slowest answer s"
    " | slowest probe s | heals alone after s |\n|---|---|---|---|---|---|---|---|---|"
)


def run(
    seed: Path,
    faults: Sequence[Fault],
    *,
    rate: int,
    least_seconds: float = 0.0,
    is_timed: bool = True,
) -> Outcome:
    """Lets faults strike one after the other, at the place of the first one.

    Args:
        seed: a data directory after its first start.
        rate: notifications a second.
        least_seconds: of each fault that lasts.
        is_timed: as `judge`.
    """
    first = faults[0]
    outcome = Outcome(", ".join(fault.name for fault in faults))
    with open_folder() as folder, first.prepare(seed, folder) as place:
        place.use(**{**SETTINGS, **first.settings})
        token = _token(place, first)
        with (
            _unread(place, is_unread=first.has_pipe),
            supervised(place.installation, first.workers) as place.service,
        ):
            place.addresses.append(place.service.address)
            began = time.monotonic()
            with _loaded(place, token, rate, outcome):
                for fault in faults:
                    _strike(place, fault, least_seconds, outcome)
                time.sleep(HEALTHY_SECONDS)
            ended = time.monotonic()
            if not first.kills_service:
                outcome.remarks += [
                    f"the service ended with status {end}" for end in place.service.ends
                ]
            outcome.gap_seconds = outcome.log.longest_gap_seconds(began, ended)
            for work in place.afterwards:
                work()
            outcome.remarks += place.remarks
            _find(place, outcome)
    outcome.remarks += judge(outcome, faults, is_timed=is_timed)
    return outcome


def judge(outcome: Outcome, faults: Sequence[Fault], *, is_timed: bool) -> list[str]:
    """Returns which promises were not held, in a sentence each.

    Args:
        is_timed: whether the time of an answer counts; it says little on a busy machine.
    """
    log, broken = outcome.log, []
    if outcome.missing:
        broken.append(f"{len(outcome.missing)} acknowledged events are missing")
    if outcome.doubled:
        broken.append(f"{len(outcome.doubled)} events count wrongly")
    if outcome.healed_seconds is None:
        broken.append(f"not healthy {HEALING_SECONDS:.0f} s after the fault")
    allowed = {ACCEPTED}
    if any(fault.may_refuse for fault in faults):
        allowed.add(REFUSED)
    may_cut = any(fault.may_cut for fault in faults)
    if may_cut:
        allowed.add(CUT)
    broken += [
        f"a sender got {name}, {log.answers[name]} times" for name in log.answers.keys() - allowed
    ]
    is_timed = is_timed and all(fault.is_timed for fault in faults)
    spare_seconds = SPARE_SECONDS
    if any(fault.kills_service for fault in faults):
        spare_seconds += START_SECONDS
    if is_timed and log.slowest_seconds > NOTIFICATION_SECONDS + spare_seconds:
        broken.append(f"a sender waited {log.slowest_seconds:.1f} s")
    is_noticed = any(fault.is_noticed for fault in faults)
    for probe in PROBES:
        seen = outcome.seen[probe.name]
        expected = probe.allowed if is_noticed else {probe.healthy}
        if any(fault.kills_service for fault in faults):
            expected = expected | {CUT}
        if any(fault.is_crowded for fault in faults) and not probe.has_place:
            expected = expected | {CUT, REFUSED}
        broken += [
            f"{probe.name} got {name}, {seen.answers[name]} times"
            for name in seen.answers.keys() - expected
        ]
        if is_timed and seen.slowest_seconds > probe.bound_seconds + spare_seconds:
            broken.append(f"{probe.name} waited {seen.slowest_seconds:.1f} s")
    if any(fault.is_told for fault in faults) and not outcome.seen["readyz"].answers[REFUSED]:
        broken.append("readyz told nothing")
    return broken


def _token(place: Place, fault: Fault) -> str:
    """Returns the senders' token."""
    if fault.token_hours is None:
        return place.tokens["sink"]
    expires_at = datetime.now(UTC) + timedelta(hours=fault.token_hours)
    return place.installation.create("short-lived", "sink", "--expires-at", expires_at.isoformat())


@contextmanager
def _unread(place: Place, *, is_unread: bool) -> Iterator[None]:
    """Makes the log of the service a pipe that is open, and that nobody reads."""
    if not is_unread:
        yield
        return
    # The name that the installation gives the stderr of its first service.
    path = place.folder / "stderr-0"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield
    finally:
        os.close(reader)


@contextmanager
def _loaded(place: Place, token: str, rate: int, outcome: Outcome) -> Iterator[None]:
    """Runs senders and probes for the length of the block, which begins when many were taken."""
    over = threading.Event()

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(send(place.addresses, token, rate, outcome.log, over))
            group.create_task(probe_all(place.addresses, place.tokens, outcome.seen, over))

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(asyncio.run, work())
        try:
            assert until(lambda: outcome.log.answers[ACCEPTED] >= WARM, WARM_UP_SECONDS)
            yield
        finally:
            over.set()
            working.result()


def _strike(place: Place, fault: Fault, least_seconds: float, outcome: Outcome) -> None:
    """Lets a fault happen, ends it, and waits until everything answers as before."""
    with fault.strike(place):
        time.sleep(max(fault.seconds, least_seconds) if fault.seconds else 0)
    mended_at = time.monotonic()
    has_healed = until(lambda: _is_healthy(outcome, mended_at), HEALING_SECONDS)
    outcome.healed_seconds = time.monotonic() - mended_at if has_healed else None


def _is_healthy(outcome: Outcome, since: float) -> bool:
    return outcome.log.has_acknowledged_since(since) and all(
        seen.healthy_at >= since for seen in outcome.seen.values()
    )


def _find(place: Place, outcome: Outcome) -> None:
    """Looks for every acknowledged event, in the database and by a question."""
    stored = _stored(place)
    answered, fault = _answered(place)
    if fault:
        outcome.remarks.append(fault)
    compare(outcome, stored, stored.keys() if fault else answered)


def compare(
    outcome: Outcome, stored: Mapping[str, Sequence[int]], answered: Collection[str]
) -> None:
    """Notes what is missing or double.

    Args:
        stored: the numbers of deliveries of each event that is stored, by the sender's id.
        answered: the ids of all events that a question tells.
    """
    for one, delivery in outcome.log.deliveries.items():
        counts = stored.get(one, [])
        acknowledged = len(delivery.acknowledged_at)
        if acknowledged and (not counts or one not in answered):
            outcome.missing.add(one)
        if len(counts) > 1 or (counts and not max(1, acknowledged) <= counts[0] <= delivery.tries):
            outcome.doubled.add(one)


def _stored(place: Place) -> Mapping[str, list[int]]:
    """Returns the numbers of deliveries of each event, by the sender's id."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    parts: Mapping[str, Any] = {} if place.conninfo else _embedded(place)
    with psycopg.connect(place.conninfo, **parts) as connection:
        for event_id, count in connection.execute(STORED):
            found[event_id].append(count)
    return found


def _embedded(place: Place) -> Mapping[str, Any]:
    run_folder = place.installation.data_dir / "run"
    return {"host": str(run_folder), "port": 5432, "user": "receiver", "dbname": "receiver"}


def _answered(place: Place) -> tuple[set[str], str]:
    """Returns the sender's ids of all events, page by page; or why they cannot be asked for."""
    found: set[str] = set()
    with Client(place.addresses[0], token=place.tokens["reader"], retries=0) as client:
        try:
            for event in client.iterate_events(limit=PAGE):
                found.add(str(event.event_id))
        except ClientError as error:
            return found, f"the events cannot be asked for: {error}"
    return found, ""
