"""A hostile run: a service, good senders, all attacks at once, and the figures of it."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from tests.support.collector import Collector, collecting
from tests.support.service import Installation, Service, status_of, until
from tests.system.hostile.attacks import attack
from tests.system.hostile.faults import provoke
from tests.system.hostile.foe import Foe
from tests.system.hostile.marks import PLANTED, TOKEN
from tests.system.hostile.senders import Log, good_senders
from tests.system.hostile.watch import connect, watching

MEBIBYTE = 1024 * 1024
SETTINGS = {
    # All attacks at once hold more than the default; `test_bounds.py` is about this limit.
    "RECEIVER_CONNECTION_LIMIT": "4000",
    "RECEIVER_HEADER_TIMEOUT_SECONDS": "3",
    "RECEIVER_BODY_TIMEOUT_SECONDS": "2",
    "RECEIVER_KEEP_ALIVE_SECONDS": "2",
    "RECEIVER_ANSWER_TIMEOUT_SECONDS": "2",
    "RECEIVER_COMMIT_TIMEOUT_SECONDS": "3",
    "RECEIVER_PATIENCE_SECONDS": "3",
    "RECEIVER_LOG_LEVEL": "debug",
    "RECEIVER_LOG_FORMAT": "json",
    "OTEL_BSP_SCHEDULE_DELAY": "500",
}
PLANT_REASON = f"""
UPDATE quarantine SET reason = reason || '{PLANTED}'
WHERE (received_at, id) = (SELECT received_at, id FROM quarantine LIMIT 1)
"""  # noqa: S608 - from this file
SIZE = "SELECT pg_total_relation_size('quarantine')"
# What is open beside the connections of good senders may differ by a pool's.
DESCRIPTORS_SPARE = 10


@dataclass(slots=True)
class Report:
    """What a run came to.

    Attributes:
        answers: by attack, how often which status.
        good: of the senders during the attacks.
        unlucky: of the senders during the faults of the database.
        missing: ids that were acknowledged and are not in the database.
        rss: bytes before, at most, and after; all after a warm-up.
        rounds_rss: bytes at the end of each round.
        descriptors: before and after.
        connections: the most that Postgres had at once.
        revoked: the status of a token that was revoked while all attacks went on.
        quarantine: bytes of all that was kept, as Postgres counts them.
        places: wherever something of what was sent might have been left.
    """

    seconds: float = 0
    rounds: int = 0
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    good: Log = field(default_factory=Log)
    unlucky: Log = field(default_factory=Log)
    missing: set[str] = field(default_factory=set)
    rss: tuple[int, int, int] = (0, 0, 0)
    rounds_rss: list[int] = field(default_factory=list)
    descriptors: tuple[int, int] = (0, 0)
    connections: int = 0
    revoked: int = 0
    quarantine: int = 0
    places: dict[str, bytes] = field(default_factory=dict)

    def statuses(self) -> set[str]:
        """Every status that a hostile client got."""
        return set().union(*self.answers.values())

    def table(self) -> str:
        """The figures, in Markdown."""
        hostile = sum((counts for counts in self.answers.values()), Counter[str]())
        before, peak, after = map(_mebibytes, self.rss)
        sent, acknowledged = (
            len(of_good) + len(of_unlucky)
            for of_good, of_unlucky in (
                (self.good.sent, self.unlucky.sent),
                (self.good.acknowledged, self.unlucky.acknowledged),
            )
        )
        searched = sum(map(len, self.places.values())) / MEBIBYTE
        rows = [
            ("attacks, all at once", f"{len(self.answers)}"),
            ("rounds, seconds", f"{self.rounds}, {self.seconds:.0f}"),
            *((f"answers: {name}", _counted(self.answers[name])) for name in sorted(self.answers)),
            ("answers to all hostile clients", _counted(hostile)),
            ("answers to good senders meanwhile", _counted(self.good.answers)),
            ("and while the database failed", _counted(self.unlucky.answers)),
            ("good notifications sent", str(sent)),
            ("acknowledged, not found again", f"{acknowledged}, {len(self.missing)}"),
            ("memory before, at most, after", f"{before}, {peak}, {after} MiB"),
            ("memory after each round", ", ".join(map(_mebibytes, self.rounds_rss))),
            ("descriptors before, after", "{}, {}".format(*self.descriptors)),
            ("connections to Postgres at most", str(self.connections)),
            ("a token revoked meanwhile", str(self.revoked)),
            ("quarantine", f"{_mebibytes(self.quarantine)} MiB"),
            ("searched for what was sent", f"{searched:.0f} MiB"),
        ]
        return "\n".join(["| | |", "|---|---|", *(f"| {name} | {said} |" for name, said in rows)])


def hostile_run(folder: Path, *, warm_up: int, seconds: float, crowd: int, tokens: int) -> Report:
    """Attacks for so long; then the database fails.

    Args:
        folder: a short one, for the installation.
        warm_up: rounds before anything is counted.
        crowd: connections that one attack opens at once.
        tokens: bad tokens in one round.
    """
    installation = Installation(folder, name=PLANTED)
    report = Report()
    with collecting() as collector:
        settings = {**SETTINGS, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
        with installation.serve(**settings) as service:
            with ThreadPoolExecutor() as pool:
                make = partial(_made_token, installation)
                token, reader, admin = pool.map(make, ("sink", "reader", "admin"))
                flooder, leaked = pool.map(make, ("sink", "reader"), ("flooder", "leaked"))
            seed = Random(0)  # noqa: S311 - repeatable
            tokens_of = (token, reader, admin, flooder)
            foe = Foe(service.address, *tokens_of, crowd, tokens, seed)
            with watching(service, installation.data_dir) as watch:
                settled = watch.descriptors()
                for _ in range(warm_up):
                    asyncio.run(attack(foe))
                foe.answers.clear()
                first = len(watch.rss)
                began = time.monotonic()
                with good_senders(service.address, token, f"{PLANTED}-correlator") as report.good:
                    revoke = ThreadPoolExecutor().submit(
                        installation.run, "credential", "revoke", f"{PLANTED}-leaked"
                    )
                    while report.rounds == 0 or time.monotonic() - began < seconds:
                        asyncio.run(attack(foe))
                        report.rounds += 1
                        report.rounds_rss.append(watch.rss[-1])
                    assert revoke.result().returncode == 0
                    report.revoked = _refused(service, leaked)
                report.seconds = time.monotonic() - began
                until(lambda: watch.descriptors() <= settled + DESCRIPTORS_SPARE)
                report.descriptors = (settled, watch.descriptors())
                report.rss = (watch.rss[first - 1], max(watch.rss[first:]), watch.rss[-1])
                report.connections = watch.connections
                with good_senders(service.address, token, "unlucky") as report.unlucky:
                    unlucky = report.unlucky.answers
                    provoke(installation.data_dir, unlucky.total)
            report.answers = foe.answers
            with connect(installation.data_dir) as database:
                database.execute(PLANT_REASON)
                stored = {one for (one,) in database.execute("SELECT event_id FROM event")}
                [(report.quarantine,)] = database.execute(SIZE)
                reasons = [one for (one,) in database.execute("SELECT reason FROM quarantine")]
            acknowledged = {*report.good.acknowledged, *report.unlucky.acknowledged, *foe.stored}
            report.missing = acknowledged - stored
            _ask(service, foe)
            places = _asked(service, foe)
            places["reasons of the quarantine"] = "\n".join(reasons).encode()
            places["statements of Postgres"] = "\n".join(watch.statements).encode()
        report.places = places | _left(installation, service, collector)
    return report


def _made_token(installation: Installation, role: str, name: str = "") -> str:
    name = name or role
    create = ("credential", "create", f"{PLANTED}-{name}", "--role", role, "--token-stdin")
    made = installation.run(*create, stdin=f"{TOKEN}-of-the-{name}")
    assert made.returncode == 0, made.stderr
    return f"{TOKEN}-of-the-{name}"


def _refused(service: Service, token: str) -> int:
    """The status of a token once it is no more what it was before it was revoked."""
    statuses: list[int] = []

    def ask() -> bool:
        statuses.append(status_of(lambda: service.ask_as(token).list_events(limit=1)))
        return statuses[-1] != 200

    until(ask)
    return statuses[-1]


def _ask(service: Service, foe: Foe) -> None:
    """Every question, so that rows are read; those who ask may see what was sent."""
    reader, admin = service.ask_as(foe.reader), service.ask_as(foe.admin)
    latest, *_ = reader.list_events().items
    number = str(latest.device.phone_number)
    event, *_ = service.history(foe.reader, number)
    refused, *_ = admin.list_refused_notifications().items
    reader.retrieve_device(phone_number=number)
    reader.list_device_events(event.device_id)
    reader.get_event(event.id)
    admin.get_refused_notification(refused.id)
    admin.reprocess_refused_notification(refused.id)


def _asked(service: Service, foe: Foe) -> dict[str, bytes]:
    """What has to be looked at while the service runs."""
    answer = service.http.post("/notifications", headers={"x-correlator": PLANTED})
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    commands = [" ".join([process.name(), *process.cmdline()]) for process in service.family()]
    return {
        "answers": b"\n".join([*foe.received, headers.encode(), answer.content]),
        "metrics": service.http.get("/metrics").content,
        "processes": "\n".join(commands).encode(),
    }


def _left(installation: Installation, service: Service, collector: Collector) -> dict[str, bytes]:
    """What is there when the service has ended."""
    return {
        "stdout": service.stdout.encode(),
        "log": service.stderr.encode(),
        "log of Postgres": (installation.data_dir / "postgres.log").read_bytes(),
        "traces": b"\n".join(body for _, body in collector.requests),
    }


def _mebibytes(size: int) -> str:
    return f"{size / MEBIBYTE:.0f}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[key]} of {key}" for key in sorted(counts))
