"""Posts notifications to a sink and counts its answers; knows no command line."""

import asyncio
import functools
import ipaddress
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import httpx

from receiver.cli.stories import Notification

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
    """What a sink said when it did not answer 204: CAMARA's ErrorInfo, as far as it was one."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the notifications sent.

    Attributes:
        answers: how many, by HTTP status.
        unanswered: how many got no answer, by kind of failure.
        forms: how many were sent, by form.
        refusals: the first few distinct ones.
    """

    answers: Mapping[int, int]
    unanswered: Mapping[str, int]
    forms: Mapping[str, int]
    devices: int
    seconds: float
    refusals: tuple[Refusal, ...]

    @property
    def sent(self) -> int:
        """How many notifications were sent, answered or not."""
        return sum(self.forms.values())

    @property
    def is_all_taken(self) -> bool:
        """Every answer was 204."""
        return self.answers.get(204, 0) == self.sent


@dataclass(slots=True)
class Tally:
    """The counts while sending."""

    answers: Counter[int] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    refusals: dict[Refusal, None] = field(default_factory=dict)


async def send(
    notifications: Iterable[Notification],
    *,
    url: str,
    token: str,
    rate: float | None,
    concurrency: int,
    on_answer: Callable[[int], None],
) -> Summary:
    """Posts notifications, one device's in order, different devices' side by side.

    Args:
        rate: notifications per second; None for as fast as answers come.
        concurrency: how many requests are under way at most.
        on_answer: called after each with the HTTP status, or 0 where no answer came.
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
        trust_env=not _is_loopback(url),
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
        answers=tally.answers,
        unanswered=tally.unanswered,
        forms=tally.forms,
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
    on_answer: Callable[[int], None],
) -> None:
    async with open_client() as client:
        while (notification := await lane.get()) is not None:
            tally.forms[notification.form] += 1
            headers = {"content-type": notification.media_type}
            try:
                answer = await client.post(url, content=notification.body, headers=headers)
            except httpx.HTTPError as error:
                kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__)
                tally.unanswered[kind.lower()] += 1
                on_answer(0)
                continue
            tally.answers[answer.status_code] += 1
            if answer.status_code != 204 and len(tally.refusals) < REFUSALS_SHOWN:
                tally.refusals[_refusal(answer)] = None
            on_answer(answer.status_code)


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


def _is_loopback(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
