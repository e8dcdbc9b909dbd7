"""The answers to notifications while the database stands still, and after."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmark.contenders import catalogue, ours
from benchmark.load.notifications import new_series
from benchmark.load.open_loop import Answer, send
from benchmark.machine.postgres import connect
from benchmark.measuring import accounting
from benchmark.measuring.bench import Bench
from benchmark.measuring.cases import Case
from benchmark.measuring.results import Stall

# In 8 s of standstill 1,600 notifications pass both the deadline and the queue.
RATE = 200.0
DEADLINE_SECONDS = 2.0
QUEUE_LIMIT = 300
BEFORE_SECONDS = 3.0
STALLED_SECONDS = 8.0
AFTER_SECONDS = 6.0

# Readers go on and writers wait, as during a careless migration.
LOCK = "LOCK TABLE event_identity, event IN EXCLUSIVE MODE"


@dataclass(slots=True)
class Standstill:
    """Begin and end of the lock, on the monotonic clock."""

    begin: float = 0.0
    end: float = 0.0


def take(bench: Bench) -> Stall:
    """Sends at a fixed rate, locks the tables for a while, and looks for each acknowledged event.

    Deadline and queue are smaller than by default, so that the lock exceeds both in seconds.
    """
    settings = {
        "RECEIVER_COMMIT_TIMEOUT_SECONDS": str(DEADLINE_SECONDS),
        "RECEIVER_PATIENCE_SECONDS": str(DEADLINE_SECONDS),
        "RECEIVER_QUEUE_LIMIT": str(QUEUE_LIMIT),
    }
    case = Case("ours", "this service", catalogue.OURS, settings=settings)
    answered: list[tuple[float, Answer]] = []
    series = new_series()
    with bench.start(case) as (running, url):
        send(running.address, running.token, new_series().body, rate=RATE, seconds=1)
        with _stand_still(url) as still:
            answers = send(
                running.address,
                running.token,
                series.body,
                rate=RATE,
                seconds=BEFORE_SECONDS + STALLED_SECONDS + AFTER_SECONDS,
                on_answer=lambda answer: answered.append((time.monotonic(), answer)),
            )
        acknowledged = [series.event_id(one.number) for one in answers if one.status == 204]
        lost = accounting.find_missing(url, ours.STORED, acknowledged)
        found = accounting.count(url, ours.STORED, series)
    good_again = [at for at, one in answered if one.status == 204 and at > still.end]
    stall = Stall(
        deadline_seconds=DEADLINE_SECONDS,
        stalled_seconds=still.end - still.begin,
        rate=RATE,
        answers=dict(Counter(answer.status for answer in answers)),
        slowest_seconds=max(answer.seconds for answer in answers),
        slowest_refusal_seconds=max(
            (answer.seconds for answer in answers if answer.status == 503), default=0.0
        ),
        recovery_seconds=min(good_again, default=float("inf")) - still.end,
        missing=len(lost),
        duplicates=found.duplicates,
        seconds_by_due=[
            (round(one.due_seconds, 3), round(one.seconds, 4), one.status) for one in answers[::10]
        ],
    )
    bench.say(f"stall  {stall.answers}, latest 503 after {stall.slowest_refusal_seconds:.2f} s")
    return stall


@contextmanager
def _stand_still(url: str) -> Iterator[Standstill]:
    """Locks the tables in another thread, some seconds after the block began."""
    still = Standstill()

    def hold() -> None:
        time.sleep(BEFORE_SECONDS)
        with connect(url) as connection:
            with connection.transaction():
                connection.execute(LOCK)
                still.begin = time.monotonic()
                time.sleep(STALLED_SECONDS)
            still.end = time.monotonic()

    holding = threading.Thread(target=hold, name="standstill")
    holding.start()
    try:
        yield still
    finally:
        holding.join()
