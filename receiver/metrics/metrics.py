"""Every metric, declared once; labels are closed sets of words and the names of credentials."""

import os
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client import disable_created_metrics as without_created_series
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from receiver.metrics.initial_series import INITIAL_SERIES
from receiver.metrics.reading import Reading, ReadingCollector
from receiver.metrics.streams import StreamMetrics

__all__ = ["CREDENTIALS_LIMIT", "INITIAL_SERIES", "Metrics", "Reading"]

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

SPOOL_OUTCOMES = ("spooled", "drained", "quarantined", "failed")

A_SECOND = timedelta(seconds=1)

# Credentials that have a series of their own.
CREDENTIALS_LIMIT = 1000

Batch = TypeVar("Batch", bound=Sequence[object])
Commit = Callable[[Batch], Awaitable[None]]


class Metrics:
    """What one process counts, and the text that a scrape gets.

    Attributes:
        set_queue_length: takes the number of notifications that wait for their commit.

    Args:
        queue_limit_notifications: how many of them may wait.
        shared_dir: the directory in which several workers count together, which is also in
            `PROMETHEUS_MULTIPROC_DIR` since before this module was imported; None: one process.
        find_label: returns what stands for the name of a credential.
    """

    def __init__(
        self,
        *,
        queue_limit_notifications: int,
        shared_dir: Path | None = None,
        find_label: Callable[[str], str] = str,
    ) -> None:
        without_created_series()  # type: ignore[no-untyped-call] # the library's gap
        self._shared_dir = shared_dir
        self._registry = registry = CollectorRegistry()
        self._answers = Counter(
            "receiver_answers",
            "Answers to HTTP requests, by call, status and reason.",
            ("call", "status", "reason"),
            registry=registry,
        )
        self._quarantined = Counter(
            "receiver_quarantined_notifications",
            "Refused notifications that were put into quarantine, by credential.",
            ("credential",),
            registry=registry,
        )
        self._last_received = Gauge(
            "receiver_last_received_timestamp_seconds",
            "When the last notification of a credential arrived.",
            ("credential",),
            registry=registry,
            multiprocess_mode="max",
        )
        self._keys_fetched = Gauge(
            "receiver_keys_fetched_timestamp_seconds",
            "When the keys of access tokens were last fetched, or the process began without; 0: "
            "none are configured.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._dropped_lines = Counter(
            "receiver_log_lines_dropped",
            "Lines of the log that were dropped, because nobody read those before.",
            registry=registry,
        )
        self._spool = Counter(
            "receiver_spool_notifications",
            "Notifications `spooled` while the database was away, `drained` from there into it or "
            "`quarantined` for their content; `failed`: the spool did not take them either.",
            ("outcome",),
            registry=registry,
        )
        self._task_failures = Counter(
            "receiver_task_failures",
            "Runs of a background task that failed, by task.",
            ("task",),
            registry=registry,
        )
        # The oldest of all workers: each runs every task, and one that does not must show.
        self._task_successes = Gauge(
            "receiver_task_last_success_timestamp_seconds",
            "When a background task last succeeded, or the process began without; of several "
            "workers the longest ago.",
            ("task",),
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._commit_failures = Counter(
            "receiver_commit_failures",
            "Tries to store notifications that failed, by reason; most are tried again.",
            ("reason",),
            registry=registry,
        )
        queue = Gauge(
            "receiver_queue_notifications",
            "Notifications that wait for their commit to begin.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        queue_limit = Gauge(
            "receiver_queue_limit_notifications",
            "Notifications that may wait for their commit before more are refused.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._batch_size = Histogram(
            "receiver_batch_notifications",
            "Notifications in one commit.",
            registry=registry,
            buckets=SIZES,
        )
        self._commit_seconds = Histogram(
            "receiver_commit_seconds",
            "How long a commit took, whether it succeeded or not.",
            registry=registry,
            buckets=SECONDS,
        )
        queue_limit.set(queue_limit_notifications)
        self.streams = StreamMetrics(registry)
        self.set_queue_length: Callable[[int], None] = queue.set
        self._answer_counts: dict[tuple[str, int, str], Counter] = {}
        self._arrivals: dict[str, datetime] = {}
        self._find_label = find_label
        for outcome in SPOOL_OUTCOMES:
            self._spool.labels(outcome)
        for call, status, reason in INITIAL_SERIES:
            self._answer_count(call, status, reason)

    def count_answer(self, call: str, status: int, reason: str, number: int = 1) -> None:
        """Counts an answer, or several.

        Args:
            call: what the route declares, such as `questions`; `other`: no route matched;
                `connection`: there was no request yet.
            status: of HTTP.
            reason: `ok`, or the word of the error.
        """
        counted = self._answer_counts.get((call, status, reason))
        (counted or self._answer_count(call, status, reason)).inc(number)

    def note_arrival(self, credential: str, at: datetime) -> None:
        """Notes the time at which a credential's latest notification arrived, to the second."""
        noted = self._arrivals.get(credential)
        if noted is not None and at - noted < A_SECOND:
            return
        label = self._label(credential)
        self._arrivals[label] = at
        self._last_received.labels(label).set(at.timestamp())
        if noted is None:
            # Exposed as 0 from the first arrival on, for the same reason as the initial series.
            self._quarantined.labels(label)

    def count_quarantined(self, credential: str, number: int) -> None:
        """Counts refused notifications that are kept."""
        self._quarantined.labels(self._label(credential)).inc(number)

    def note_keys_fetched(self, at: datetime) -> None:
        """Notes when the keys of access tokens were last fetched."""
        self._keys_fetched.set(at.timestamp())

    def count_dropped_lines(self, number: int) -> None:
        """Counts lines of the log that nobody will read."""
        self._dropped_lines.inc(number)

    def count_commit_failure(self, reason: str, number: int = 1) -> None:
        """Counts tries to store notifications that failed; 0 shows a reason from the start."""
        self._commit_failures.labels(reason).inc(number)

    def count_spool(self, outcome: str, number: int) -> None:
        """Counts what became of notifications at the spool, one of SPOOL_OUTCOMES."""
        self._spool.labels(outcome).inc(number)

    def add_task(self, task: str, began_at: datetime) -> None:
        """Shows a background task from its start, with no failure and the start as success."""
        self._task_failures.labels(task)
        self.note_task_success(task, began_at)

    def count_task_failure(self, task: str) -> None:
        """Counts a run of a background task that failed."""
        self._task_failures.labels(task).inc()

    def note_task_success(self, task: str, at: datetime) -> None:
        """Notes when a background task last succeeded."""
        self._task_successes.labels(task).set(at.timestamp())

    def measure_commit(self, commit: Commit[Batch]) -> Commit[Batch]:
        """The same commit, its batch and its time measured, also when it fails."""

        async def measured_commit(batch: Batch) -> None:
            self._batch_size.observe(len(batch))
            began = time.perf_counter()
            try:
                await commit(batch)
            finally:
                self._commit_seconds.observe(time.perf_counter() - began)

        return measured_commit

    def exposition(self, reading: Reading) -> bytes:
        """All metrics in the text format 0.0.4, summed over the workers that share them."""
        counted: Collector = self._registry
        if self._shared_dir is not None:
            _forget_the_dead(self._shared_dir)
            counted = MultiProcessCollector(None, self._shared_dir)  # type: ignore[no-untyped-call] # the library's gap
        return generate_latest(counted) + generate_latest(ReadingCollector(reading))

    def _label(self, credential: str) -> str:
        """Its name; `other` once there are too many, as there may be of access tokens' clients."""
        label = self._find_label(credential)
        is_shown = label in self._arrivals or len(self._arrivals) < CREDENTIALS_LIMIT
        return label if is_shown else "other"

    def _answer_count(self, call: str, status: int, reason: str) -> Counter:
        child = self._answers.labels(call, str(status), reason)
        self._answer_counts[call, status, reason] = child
        return child


def _forget_the_dead(shared_dir: Path) -> None:
    """Takes out what holds only while its worker lives; the counts of the dead remain."""
    for path in shared_dir.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            # Missing when another worker that is scraped at this moment was quicker.
            path.unlink(missing_ok=True)
