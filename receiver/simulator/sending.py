"""Posts notifications to a sink and counts its answers; knows no command line."""

import asyncio
import functools
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import httpx

from receiver.settings.access_tokens import is_loopback
from receiver.simulator.notification import Fault, Notification, Shape

# Read ahead far enough that one device's long story does not hold up the others.
LANE_LENGTH = 64
REFUSALS_SHOWN = 5
MESSAGE_LENGTH = 200
TIMEOUT = httpx.Timeout(30, connect=5)
# Shorter than the five seconds after which common servers hang up, or a request would meet that.
KEEPALIVE_SECONDS = 2

Lane = asyncio.Queue[Notification | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a sink said that was not expected: CAMARA's ErrorInfo, as far as it was one."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a notification.

    Attributes:
        fault: what was wrong with it; None for nothing.
        expected: the HTTP status it should have been answered with.
        answer: the one it was; or in words why there was none.
    """

    fault: Fault | None
    expected: int
    answer: int | str

    @property
    def is_as_expected(self) -> bool:
        """It was answered as it should have been."""
        return self.answer == self.expected


OnAnswer = Callable[[Notification, Outcome], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the notifications sent.

    Attributes:
        outcomes: how many had each.
        shapes: how many were sent, by shape.
        events: how many events they held.
        refusals: the first few distinct answers that were not as expected.
    """

    outcomes: Mapping[Outcome, int]
    shapes: Mapping[Shape, int]
    events: int
    devices: int
    seconds: float
    refusals: tuple[Refusal, ...]

    @property
    def sent(self) -> int:
        """How many notifications were sent, answered or not."""
        return sum(self.shapes.values())

    @property
    def answers(self) -> Mapping[int | str, int]:
        """How many had each answer."""
        counts: Counter[int | str] = Counter()
        for outcome, times in self.outcomes.items():
            counts[outcome.answer] += times
        return counts

    @property
    def is_as_expected(self) -> bool:
        """Every answer was."""
        return all(outcome.is_as_expected for outcome in self.outcomes)


@dataclass(slots=True)
class Tally:
    """The counts while sending."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    shapes: Counter[Shape] = field(default_factory=Counter)
    events: int = 0
    refusals: dict[Refusal, None] = field(default_factory=dict)


async def send(
    notifications: Iterable[Notification],
    *,
    url: str,
    token: str,
    rate: float | None,
    concurrency: int,
    on_answer: OnAnswer,
) -> Summary:
    """Posts notifications, one device's in order, different devices' side by side.

    Args:
        rate: notifications per second; None for as fast as answers come.
        concurrency: how many requests are under way at most.
        on_answer: called after each with what was sent, and what came of it.
    """
    tally = Tally()
    lanes = [Lane(LANE_LENGTH) for _ in range(concurrency)]
    lane_of: dict[str, Lane] = {}
    # One client for each lane: a shared pool looks through its connections at every request.
    open_client = functools.partial(
        httpx.AsyncClient,
        headers={"authorization": f"Bearer {token}"},
        timeout=TIMEOUT,
        limits=httpx.Limits(max_connections=1, keepalive_expiry=KEEPALIVE_SECONDS),
        verify=httpx.create_ssl_context(),
        # A proxy meant for the internet does not lead back to this machine.
        trust_env=not is_loopback(httpx.URL(url).host),
    )
    start = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for number, lane in enumerate(lanes):
            post_all = _post_all(lane, open_client, url, tally, on_answer)
            tasks.create_task(post_all, name=f"simulate-lane-{number}")
        for position, notification in enumerate(notifications):
            pause = start + due_seconds(position, rate) - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            next_lane = lanes[len(lane_of) % concurrency]
            await lane_of.setdefault(notification.device, next_lane).put(notification)
        for lane in lanes:
            await lane.put(None)
    return Summary(
        outcomes=tally.outcomes,
        shapes=tally.shapes,
        events=tally.events,
        devices=len(lane_of),
        seconds=time.monotonic() - start,
        refusals=tuple(tally.refusals),
    )


def due_seconds(position: int, rate: float | None) -> float:
    """When, counted from the start, a notification is due: late answers do not move it."""
    return 0.0 if rate is None else position / rate


async def _post_all(
    lane: Lane,
    open_client: Callable[[], httpx.AsyncClient],
    url: str,
    tally: Tally,
    on_answer: OnAnswer,
) -> None:
    async with open_client() as client:
        while (notification := await lane.get()) is not None:
            tally.shapes[notification.shape] += 1
            tally.events += notification.events
            answer = await _post(client, url, notification, tally)
            outcome = Outcome(notification.fault, notification.expected, answer)
            tally.outcomes[outcome] += 1
            on_answer(notification, outcome)


async def _post(
    client: httpx.AsyncClient, url: str, notification: Notification, tally: Tally
) -> int | str:
    try:
        answer = await client.post(url, content=notification.body, headers=notification.headers)
    except httpx.HTTPError as error:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    status = answer.status_code
    if status != notification.expected and len(tally.refusals) < REFUSALS_SHOWN:
        tally.refusals[_refusal(answer)] = None
    return status


def _refusal(answer: httpx.Response) -> Refusal:
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        said = None
    members = said if isinstance(said, dict) else {}
    code, message = (_printable(members.get(name)) for name in ("code", "message"))
    return Refusal(answer.status_code, code, message)


def _printable(said: object) -> str:
    text = said[:MESSAGE_LENGTH] if isinstance(said, str) else ""
    return "".join(c if c.isprintable() else " " for c in text)
