"""A sender that posts at a fixed rate, however late the answers are."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from tests.support.service import bearer, notification

ANSWER_SECONDS = 60.0


@dataclass(slots=True)
class Sent:
    """What was answered so far.

    Attributes:
        acknowledged: the ids that were answered 204.
        statuses: every status; 0: no answer.
        slowest_seconds: from when a notification was due to its answer.
    """

    acknowledged: set[str] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    slowest_seconds: float = 0.0


@contextmanager
def sending(address: str, token: str, rate: float) -> Iterator[Sent]:
    """Posts for the length of the block; at its end, every notification is answered."""
    sent, is_over = Sent(), threading.Event()
    loop = asyncio.new_event_loop()

    def run() -> None:
        loop.run_until_complete(_send(address, token, rate, sent, is_over))
        loop.close()

    thread = threading.Thread(target=run, name="open loop")
    thread.start()
    try:
        yield sent
    finally:
        is_over.set()
        thread.join()


async def _send(
    address: str, token: str, rate: float, sent: Sent, is_over: threading.Event
) -> None:
    # An idle connection is closed here first: what the service closes may be in use again by then.
    limits = httpx.Limits(max_connections=None, keepalive_expiry=1.0)
    transport = httpx.AsyncHTTPTransport(verify=False, trust_env=False, limits=limits)
    async with (
        httpx.AsyncClient(
            transport=transport, base_url=address, timeout=ANSWER_SECONDS, headers=bearer(token)
        ) as client,
        asyncio.TaskGroup() as posting,
    ):
        due_at = time.monotonic()
        while not is_over.is_set():
            posting.create_task(_post(client, due_at, sent))
            due_at += 1 / rate
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))


async def _post(client: httpx.AsyncClient, due_at: float, sent: Sent) -> None:
    event = notification(str(uuid4()))
    try:
        status = (await client.post("/notifications", json=event)).status_code
    except httpx.TransportError:
        status = 0
    sent.statuses.add(status)
    sent.slowest_seconds = max(sent.slowest_seconds, time.monotonic() - due_at)
    if status == 204:
        sent.acknowledged.add(event["id"])
