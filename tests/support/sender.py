"""Senders that keep a log of what was acknowledged, and of every answer in its order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from receiver.client import Client
from tests.support.service import Service, notification, status_of, until

# Revocation reaches a worker when it next rereads the credentials, every two seconds; the rest is
# for what is on its way to expire, and for a busy machine.
SECONDS_TO_NOTICE = 30

# Between an answer and the next notification.
PAUSE_SECONDS = 0.03


class Sender:
    """Posts with one token until told to end, and writes every answer down in its order."""

    def __init__(self, service: Service, token: str) -> None:
        self.statuses: list[int] = []
        self.acknowledged: set[str] = set()
        self._service = service
        self._token = token
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender")
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def answers(self, status: int, seconds: float = SECONDS_TO_NOTICE) -> bool:
        """Whether the latest answer comes to be this status."""
        return until(lambda: self.statuses[-1:] == [status], seconds)

    def goes_on(self, status: int = 204) -> bool:
        """Whether ten more answers come, and each is this status."""
        begin = len(self.statuses)
        came = until(lambda: len(self.statuses) >= begin + 10)
        return came and set(self.statuses[begin:]) == {status}

    @property
    def changes(self) -> list[int]:
        """The statuses without their repetitions."""
        return [
            status
            for before, status in zip([0, *self.statuses], self.statuses, strict=False)
            if status != before
        ]

    def _run(self) -> None:
        with Client(self._service.address, token=self._token, retries=0) as client:
            while not self._ended.wait(PAUSE_SECONDS):
                event = notification(str(uuid4()))
                status = status_of(lambda: client.post_notification(event), 204)  # noqa: B023 - called at once
                if status == 204:
                    self.acknowledged.add(event["id"])
                self.statuses.append(status)


@contextmanager
def senders() -> Iterator[dict[str, Sender]]:
    started: dict[str, Sender] = {}
    try:
        yield started
    finally:
        for sender in started.values():
            sender.end()
