"""Sending to a sink: each device in order, several devices side by side, every answer counted.

It does not send through the client for programs. The client posts to `/notifications` of a service,
and a refusal is an error; a provider posts to the URL that it was given, whatever its path, and a
faulty notification expects its refusal. The connections, and the words for answers and failures,
are the client's.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from receiver.client.attempts import name_failure
from receiver.simulator.client import (
    UnexpectedAnswer,
    compose_options,
    read_unexpected,
)
from receiver.simulator.notification import Fault, Notification, Shape
from receiver.simulator.told import Told

# Notifications that wait in a lane: as many as a long story has, so that a phone with a slow answer
# does not stop the others.
LANE_LENGTH = 64
STORED = 204
# Answers to the first notification that say that its URL is not that of a sink.
NOT_A_SINK = frozenset({301, 302, 303, 307, 308, 404, 405})
# Unexpected answers that a summary holds: enough to see the fault.
UNEXPECTED_MAX = 5

Lane = asyncio.Queue[Notification | None]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A notification's fault, the answer that it should get, and the answer that it got.

    Attributes:
        fault: its fault; None: it has none.
        expected: the HTTP status that it should get.
        answer: the HTTP status that it got, or in words why there was no answer.
    """

    fault: Fault | None
    expected: int
    answer: int | str

    @property
    def is_as_expected(self) -> bool:
        """Whether the answer is the expected one."""
        return self.answer == self.expected


OnAnswer = Callable[[Notification, Exchange], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts of one run.

    Attributes:
        exchanges: the number of notifications by exchange.
        shapes: the number of notifications by shape.
        events: the number of events in them.
        devices: the number of devices that they were about.
        seconds: the time from the first notification to the last answer.
        unexpected: the first few distinct answers that were not as expected.
        told: what the stored notifications tell.
        is_stopped: whether nothing more was sent, because no sink answered the first notification.
    """

    exchanges: Mapping[Exchange, int]
    shapes: Mapping[Shape, int]
    events: int
    devices: int
    seconds: float
    unexpected: tuple[UnexpectedAnswer, ...]
    told: Sequence[Told] = ()
    is_stopped: bool = False

    @property
    def sent(self) -> int:
        """The number of notifications that were sent, answered or not."""
        return sum(self.shapes.values())

    @property
    def answers(self) -> Mapping[int | str, int]:
        """The number of notifications by answer."""
        counts: Counter[int | str] = Counter()
        for exchange, number in self.exchanges.items():
            counts[exchange.answer] += number
        return counts

    @property
    def is_as_expected(self) -> bool:
        """Whether every answer is the expected one."""
        return all(exchange.is_as_expected for exchange in self.exchanges)


@dataclass(slots=True)
class Tally:
    """The counts while sending."""

    exchanges: Counter[Exchange] = field(default_factory=Counter)
    shapes: Counter[Shape] = field(default_factory=Counter)
    events: int = 0
    unexpected: dict[UnexpectedAnswer, None] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def has_met_no_sink(self) -> bool:
        """Whether an answer says that the URL is wrong, or there was none."""
        answers = {exchange.answer for exchange in self.exchanges}
        return any(isinstance(answer, str) or answer in NOT_A_SINK for answer in answers)


async def send(
    notifications: Iterable[Notification],
    *,
    url: str,
    token: str,
    rate: float | None,
    concurrency: int,
    on_answer: OnAnswer,
) -> Summary:
    """Posts notifications: those of one device in order, those of several devices side by side.

    The first one is answered before the others are sent; where no sink answers it, it is the last.

    Args:
        url: the sink, used exactly as given.
        rate: notifications per second; None: as fast as answers come.
        concurrency: the largest number of requests at a time.
        on_answer: called after each answer with the notification and the exchange.
    """
    tally = Tally()
    lanes = [Lane(LANE_LENGTH) for _ in range(concurrency)]
    lane_of: dict[str, Lane] = {}
    # Each lane has a client: a shared pool searches its connections at every request.
    options = compose_options(url, token)
    is_stopped = False
    start = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number, lane in enumerate(lanes):
            post_all = _post_all(lane, options, url, tally, on_answer)
            tasks.create_task(post_all, name=f"simulate-lane-{number}")
        for position, notification in enumerate(notifications):
            pause = start + due_seconds(position, rate) - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            next_lane = lanes[len(lane_of) % concurrency]
            lane = lane_of.setdefault(notification.device, next_lane)
            await lane.put(notification)
            if position == 0:
                await lane.join()
                is_stopped = tally.has_met_no_sink()
            if is_stopped:
                break
        for lane in lanes:
            await lane.put(None)
    return Summary(
        exchanges=tally.exchanges,
        shapes=tally.shapes,
        events=tally.events,
        devices=len(lane_of),
        seconds=time.monotonic() - start,
        unexpected=tuple(tally.unexpected),
        told=tally.told,
        is_stopped=is_stopped,
    )


def due_seconds(position: int, rate: float | None) -> float:
    """Returns when a notification is due, from the start; late answers do not move it."""
    return 0.0 if rate is None else position / rate


async def _post_all(
    lane: Lane,
    options: Mapping[str, Any],
    url: str,
    tally: Tally,
    on_answer: OnAnswer,
) -> None:
    async with httpx.AsyncClient(**options) as client:
        while (notification := await lane.get()) is not None:
            tally.shapes[notification.shape] += 1
            tally.events += notification.events
            answer = await _post(client, url, notification, tally)
            exchange = Exchange(notification.fault, notification.expected, answer)
            tally.exchanges[exchange] += 1
            if answer == STORED:
                tally.told += notification.told
            on_answer(notification, exchange)
            lane.task_done()


async def _post(
    client: httpx.AsyncClient, url: str, notification: Notification, tally: Tally
) -> int | str:
    try:
        answer = await client.post(url, content=notification.body, headers=notification.headers)
    except httpx.HTTPError as error:
        return name_failure(error)
    status = answer.status_code
    if status != notification.expected and len(tally.unexpected) < UNEXPECTED_MAX:
        tally.unexpected[read_unexpected(answer)] = None
    return status
