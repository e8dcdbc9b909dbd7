"""Who uses several replicas at once: a sender, a reader by pages, and what they saw."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import httpx
import psycopg

from receiver.client import AsyncClient, ConnectionFailed, Unavailable
from tests.support.followers import World
from tests.support.proxies import INTERNAL
from tests.support.replicas import of_world

DEVICES = 20
BEGINNING = datetime(2026, 4, 17, tzinfo=UTC)
ROAMING = "org.camaraproject.device-roaming-status-subscriptions.v0"
REACHABILITY = "org.camaraproject.device-reachability-status-subscriptions.v0"
TYPES = (
    f"{ROAMING}.roaming-on",
    f"{REACHABILITY}.reachability-data",
    f"{ROAMING}.roaming-off",
    f"{REACHABILITY}.reachability-sms",
    f"{REACHABILITY}.reachability-disconnected",
)

# A balancer waits for an answer for a minute, and a sender no longer than a balancer.
ANSWER_SECONDS = 60

# What the reader of pages waits where there is nothing new.
TIP_SECONDS = 0.1

# Between two looks at who writes the projection.
LOOK_SECONDS = 0.05

# A service that starts inserts the row of the projection where there is none.
PROJECTORS = """
SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE relation = 'projection'::regclass AND mode = 'RowExclusiveLock'
    AND query NOT LIKE '%INSERT INTO projection%'
"""


def body(number: int) -> dict[str, Any]:
    """The notification of a number; a later one happened later."""
    return {
        "specversion": "1.0",
        "id": f"n-{number}",
        "source": "https://operator.invalid/subscriptions/sub-1",
        "type": TYPES[number % len(TYPES)],
        "time": (BEGINNING + timedelta(seconds=number)).isoformat(),
        "data": {
            "device": {"phoneNumber": f"+9999910{number % DEVICES:04}"},
            "subscriptionId": f"sub-{number % DEVICES}",
        },
    }


@dataclass(slots=True)
class Sender:
    """Sends at a rate over connections that it keeps, and sends nothing again.

    Attributes:
        answers: by the number of the notification, its status; 0: the connection ended.
        sent: how many it has sent.
    """

    world: World
    token: str
    per_second: float
    answers: dict[int, int] = field(default_factory=dict)
    sent: int = 0
    is_over: bool = False

    async def run(self) -> None:
        """Sends until it is over, and waits for the answers."""
        clock = asyncio.get_running_loop().time
        async with (
            aiohttp.ClientSession(
                self.world.address,
                headers=of_world(self.token),
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(ANSWER_SECONDS),
            ) as session,
            asyncio.TaskGroup() as posts,
        ):
            due_at = clock()
            while not self.is_over:
                posts.create_task(self._post(session, self.sent))
                self.sent += 1
                due_at += 1 / self.per_second
                await asyncio.sleep(due_at - clock())

    async def _post(self, session: aiohttp.ClientSession, number: int) -> None:
        event = body(number)
        try:
            async with session.post("/notifications", data=json.dumps(event)) as answer:
                await answer.read()
                self.answers[number] = answer.status
        except (aiohttp.ClientError, TimeoutError):
            self.answers[number] = 0
        if self.answers[number] == 204:
            acknowledged = self.world.acknowledged.setdefault(event["source"], set())
            acknowledged.add(event["id"].encode())

    async def go_on(self, count: int) -> None:
        """Waits until so many more are acknowledged."""
        enough = self.world.number + count
        while self.world.number < enough:
            await asyncio.sleep(TIP_SECONDS)

    def statuses(self, since: int = 0) -> Counter[int]:
        """How often each status was answered to what was sent since a number."""
        return Counter(status for number, status in self.answers.items() if number >= since)


@dataclass(slots=True)
class PageReader:
    """Follows `GET /events?order=asc` at the tip, on whichever replica answers.

    Attributes:
        seen: how often each event was told, by the sender's id; the last page is told again.
        statuses: of the answers.
    """

    world: World
    token: str
    seen: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)

    async def run(self) -> None:
        """Follows until it is cancelled."""
        cursor: str | None = None
        async with httpx.AsyncClient(headers={"host": INTERNAL}, trust_env=False) as http:
            client = AsyncClient(
                self.world.address,
                token=self.token,
                timeout_seconds=ANSWER_SECONDS,
                retries=0,
                http=http,
            )
            while True:
                try:
                    page = await client.list_events(order="asc", limit=50, cursor=cursor)
                except ConnectionFailed:
                    self.statuses[0] += 1
                    continue
                except Unavailable as refusal:
                    self.statuses[refusal.status] += 1
                    await asyncio.sleep(TIP_SECONDS)
                    continue
                self.statuses[200] += 1
                self.seen.update(str(event.event_id) for event in page.items)
                if page.next_cursor is not None:
                    cursor = page.next_cursor
                else:
                    await asyncio.sleep(TIP_SECONDS)


@contextmanager
def counting_projectors(conninfo: str) -> Iterator[Counter[int]]:
    """Counts, for the length of the block, how many sessions write the projection at a time."""
    found: Counter[int] = Counter()
    is_over = threading.Event()

    def count() -> None:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            while not is_over.wait(LOOK_SECONDS):
                [(number,)] = connection.execute(PROJECTORS).fetchall()
                found[number] += 1

    counting = threading.Thread(target=count)
    counting.start()
    try:
        yield found
    finally:
        is_over.set()
        counting.join()
