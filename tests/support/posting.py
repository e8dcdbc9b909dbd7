"""Senders that post to a service from several threads, and what they were answered."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from receiver.client import Client, ConnectionFailed
from tests.support.service import Service, notification, status_of, until

SENDERS = 4
ENOUGH = 100

# Between an answer and the next notification of a sender: some hundred a second in all, which
# leaves a small machine to the service.
PAUSE_SECONDS = 0.01


@dataclass(slots=True)
class Posted:
    """The ids that were answered 204, and how often each status was answered."""

    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    is_over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def posting(service: Service, token: str, subscription_id: str = "sub-4711") -> Iterator[Posted]:
    """Posts from several threads while somebody answers; the block begins when many were taken."""
    posted = Posted()
    senders = [
        threading.Thread(
            target=_post, args=(service.address, token, posted, subscription_id), name=f"sender {n}"
        )
        for n in range(SENDERS)
    ]
    for sender in senders:
        sender.start()
    try:
        assert until(lambda: len(posted.acknowledged) >= ENOUGH)
        yield posted
    finally:
        posted.is_over.set()
        for sender in senders:
            sender.join()


def _post(address: str, token: str, posted: Posted, subscription_id: str) -> None:
    with Client(address, token=token, retries=0) as client:
        while not posted.is_over.wait(PAUSE_SECONDS):
            event = notification(str(uuid4()))
            event["data"]["subscriptionId"] = subscription_id
            try:
                status = status_of(lambda: client.post_notification(event), 204)  # noqa: B023 - called at once
            except ConnectionFailed:
                return
            posted.answers[status] += 1
            if status == 204:
                posted.acknowledged.add(event["id"])
