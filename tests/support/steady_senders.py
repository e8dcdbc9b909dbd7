"""Senders that send at a rate, whether they are answered or not, as the world does."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import aiohttp

from tests.support.service import Service, bearer

# Of one answer; no sender waits longer.
PATIENCE_SECONDS = 30.0


@dataclass(slots=True)
class Sent:
    """What was answered.

    Attributes:
        answers: by the number of the notification, its status; 0: none.
    """

    answers: dict[int, int] = field(default_factory=dict)
    is_over: threading.Event = field(default_factory=threading.Event)

    @property
    def statuses(self) -> Counter[int]:
        """How often each status was answered."""
        return Counter(self.answers.values())

    def acknowledged(self) -> set[int]:
        """Returns the numbers of what was answered 204."""
        return {number for number, status in dict(self.answers).items() if status == 204}


@contextmanager
def sending(
    service: Service, token: str, bodies: Callable[[int], bytes], *, rate: float
) -> Iterator[Sent]:
    """Sends so many notifications a second for the length of the block, then awaits the answers.

    Args:
        bodies: returns the body of a number, counted from 0.
    """
    sent = Sent()
    sender = threading.Thread(
        target=lambda: asyncio.run(_send(service.address, token, bodies, rate, sent))
    )
    sender.start()
    try:
        yield sent
    finally:
        sent.is_over.set()
        sender.join()


async def _send(
    address: str, token: str, bodies: Callable[[int], bytes], rate: float, sent: Sent
) -> None:
    headers = {**bearer(token), "content-type": "application/cloudevents+json"}
    began_at = asyncio.get_running_loop().time()
    number = 0
    async with (
        aiohttp.ClientSession(
            address,
            headers=headers,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(PATIENCE_SECONDS),
        ) as session,
        asyncio.TaskGroup() as posts,
    ):
        while not sent.is_over.is_set():
            due = int((asyncio.get_running_loop().time() - began_at) * rate)
            for due_number in range(number, due):
                posts.create_task(_post(session, due_number, bodies(due_number), sent))
            number = max(number, due)
            await asyncio.sleep(0.01)


async def _post(session: aiohttp.ClientSession, number: int, body: bytes, sent: Sent) -> None:
    try:
        async with session.post("/notifications", data=body) as answer:
            await answer.read()
            sent.answers[number] = answer.status
    except (aiohttp.ClientError, TimeoutError):
        sent.answers[number] = 0
