"""Senders that never slow down: each notification has an id of its own, and a history here."""

import asyncio
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import aiohttp

from tests.support.service import bearer, notification

# Of all senders, one in so many tries again, as often as it takes until a 204.
PERSISTENT_EVERY = 5
AGAIN_SECONDS = 1.0
TRIES_MAX = 30

# Far beyond every promise: what is not answered by then is never answered.
NO_ANSWER_SECONDS = 40.0

ACCEPTED = "204"
REFUSED = "503"
CUT = "cut off"
NO_ANSWER = "no answer"


@dataclass(slots=True)
class Delivery:
    """What became of one notification.

    Attributes:
        sent_at: of the first try, on the monotonic clock, in seconds.
        tries: how often it was posted.
        acknowledged_at: when each 204 came.
    """

    sent_at: float
    tries: int = 0
    acknowledged_at: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Log:
    """Everything that the senders saw.

    Attributes:
        deliveries: by the id of the notification.
        answers: how many tries ended how: `204`, `503` with an `ErrorInfo`, cut off, or an outcome
            that no sender may see.
        slowest_seconds: of all answers.
    """

    deliveries: dict[str, Delivery] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0

    def acknowledged(self) -> dict[str, Delivery]:
        """Returns the deliveries that were answered 204 at least once."""
        return {one: each for one, each in self.deliveries.items() if each.acknowledged_at}

    def has_acknowledged_since(self, since: float) -> bool:
        """Tells whether a notification that was sent after this time was answered 204."""
        newest_first = reversed(list(self.deliveries.values()))
        recent = itertools.takewhile(lambda each: each.sent_at >= since, newest_first)
        return any(each.acknowledged_at for each in recent)

    def longest_gap_seconds(self, began: float, ended: float) -> float:
        """Returns the longest time between two 204s, and to the ends of the run."""
        times = sorted(at for each in self.deliveries.values() for at in each.acknowledged_at)
        return max(b - a for a, b in itertools.pairwise([began, *times, ended]))


async def send(
    addresses: Sequence[str], token: str, rate: int, log: Log, over: threading.Event
) -> None:
    """Posts so many notifications a second, answered or not, until it is over.

    Args:
        addresses: of the services, which take turns; more may come while it runs.
        rate: notifications a second.
    """
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=NO_ANSWER_SECONDS)
    async with (
        aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers=bearer(token)
        ) as session,
        asyncio.TaskGroup() as group,
    ):
        due_at = time.monotonic()
        for number in itertools.count():
            if over.is_set():
                return
            address = addresses[number % len(addresses)]
            is_persistent = number % PERSISTENT_EVERY == 0
            group.create_task(_deliver(session, address, log, over, is_persistent))
            due_at += 1 / rate
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))


async def _deliver(
    session: aiohttp.ClientSession,
    address: str,
    log: Log,
    over: threading.Event,
    is_persistent: bool,
) -> None:
    # A device of its own: an answer that lacks one event shows it.
    body = notification(phone_number=f"+999991{uuid4().int % 10**9:09}")
    delivery = log.deliveries[body["id"]] = Delivery(time.monotonic())
    while True:
        delivery.tries += 1
        began = time.monotonic()
        outcome = await post(session, f"{address}/notifications", body)
        ended = time.monotonic()
        log.answers[outcome] += 1
        if outcome != CUT:
            log.slowest_seconds = max(log.slowest_seconds, ended - began)
        if outcome == ACCEPTED:
            delivery.acknowledged_at.append(ended)
            return
        if not is_persistent or over.is_set() or delivery.tries >= TRIES_MAX:
            return
        await asyncio.sleep(AGAIN_SECONDS)


async def post(session: aiohttp.ClientSession, url: str, body: object) -> str:
    """Posts a body; returns the outcome in words."""
    try:
        async with session.post(url, json=body) as answer:
            return classify(answer.status, await answer.read())
    except TimeoutError:
        return NO_ANSWER
    except (aiohttp.ClientError, OSError):
        return CUT


def classify(status: int, body: bytes) -> str:
    """Returns the status; that of an error says so where its body is no `ErrorInfo`."""
    if status < 400 or _is_error_info(status, body):
        return str(status)
    return f"{status} without ErrorInfo"


def _is_error_info(status: int, body: bytes) -> bool:
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return (
        isinstance(said, dict)
        and said.get("status") == status
        and {"code", "message"} <= said.keys()
    )
