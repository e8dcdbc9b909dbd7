"""Good senders: they post all the time, and keep a log of what was acknowledged."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.clients import open_client
from tests.support.service import bearer
from tests.system.hostile.bodies import event, good_number

SENDERS = 3
BREATH_SECONDS = 0.01  # between two posts: the machine is the hostile clients' too
BATCH_EVERY = 5
BATCH = 4


@dataclass(slots=True)
class Log:
    """What became of the notifications of the good senders.

    Attributes:
        sent: ids of those posted.
        acknowledged: ids of those answered 204.
        answers: how many posts got which status, or ended with which error.
    """

    sent: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


@contextmanager
def good_senders(address: str, token: str, correlator: str) -> Iterator[Log]:
    """Posts for the length of the block, from several threads, singles and batches."""
    ended = threading.Event()
    log = Log()
    lock = threading.Lock()

    def post(index: int) -> None:
        turn = 0
        headers = {**bearer(token), "x-correlator": correlator}
        with open_client(address, headers=headers, timeout=60) as client:
            while not ended.wait(BREATH_SECONDS):
                turn += 1
                size = BATCH if turn % BATCH_EVERY == 0 else 1
                events = [event(good_number(index + SENDERS * turn)) for _ in range(size)]
                ids = [one["id"] for one in events]
                batch = {"content-type": "application/cloudevents-batch+json"}
                try:
                    answer = client.post(
                        "/notifications",
                        json=events if size > 1 else events[0],
                        headers=batch if size > 1 else None,
                    )
                    outcome = str(answer.status_code)
                except httpx.HTTPError as error:
                    outcome = type(error).__name__
                with lock:
                    log.sent += ids
                    log.answers[outcome] += 1
                    log.acknowledged += ids if outcome == "204" else []

    threads = [threading.Thread(target=post, args=(index,)) for index in range(SENDERS)]
    for thread in threads:
        thread.start()
    try:
        yield log
    finally:
        ended.set()
        for thread in threads:
            thread.join()
