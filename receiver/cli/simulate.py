"""`receiver simulate`: sends stories to a sink and sums up its answers; knows no database."""

import asyncio
import functools
import ipaddress
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import httpx
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from receiver.cli import stories
from receiver.cli.stories import Notification

Lane = asyncio.Queue[Notification | None]
CONCURRENCY = 16
# Read ahead far enough that one device's long story does not hold up the others.
LANE_LENGTH = 64
REFUSALS_SHOWN = 5
MESSAGE_LENGTH = 200
TIMEOUT = httpx.Timeout(30, connect=5)
# Shorter than the five seconds after which common servers hang up, or a request would meet that.
KEEPALIVE_SECONDS = 2


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


def run(url: str, token: str, *, seed: int, rate: float | None, count: int) -> int:
    """Sends the stories of a seed, with progress on stderr and a summary on stdout.

    Args:
        url: the sink, used exactly as given.
        rate: notifications per second; None for as fast as answers come.

    Returns:
        The exit status: 0 when every answer was 204, else 1.

    Raises:
        typer.BadParameter: an argument cannot be used; the message never repeats the token.
    """
    _check(url, token, seed=seed, rate=rate, count=count)
    stderr = Console(stderr=True)
    with Progress(console=stderr, disable=not stderr.file.isatty()) as progress:
        bar = progress.add_task("sending", total=count)
        summary = asyncio.run(
            send(
                stories.notifications(seed, count),
                url=url,
                token=token,
                rate=rate,
                concurrency=CONCURRENCY,
                on_answer=lambda _: progress.advance(bar),
            )
        )
    show(summary, Console())
    return 0 if summary.is_all_taken else 1


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


def show(summary: Summary, console: Console) -> None:
    """Prints a summary; what a sink said is shown without its control characters."""
    table = Table.grid("answer", "notifications", padding=(0, 2))
    counts = {str(status): times for status, times in sorted(summary.answers.items())}
    counts |= {f"no answer: {kind}": times for kind, times in sorted(summary.unanswered.items())}
    counts |= {f"sent as {form}": times for form, times in sorted(summary.forms.items())}
    for label, times in counts.items():
        table.add_row(label, str(times))
    table.add_row("devices", str(summary.devices))
    table.add_row("seconds", f"{summary.seconds:.2f}")
    table.add_row("per second", f"{summary.sent / max(summary.seconds, 1e-6):.1f}")
    table.columns[1].justify = "right"
    console.print(table)
    for refusal in summary.refusals:
        console.print(Text(f"{refusal.status} {refusal.code} {refusal.message}".rstrip()))


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


def _check(url: str, token: str, *, seed: int, rate: float | None, count: int) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise typer.BadParameter("not a URL", param_hint="--to") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise typer.BadParameter("must begin with http:// or https://", param_hint="--to")
    if parsed.userinfo:
        raise typer.BadParameter("a user name would displace the token", param_hint="--to")
    if not re.fullmatch(r"[!-~]+", token):
        raise typer.BadParameter("must be visible ASCII without spaces", param_hint="--token")
    if seed < 0:
        raise typer.BadParameter("must be 0 or more", param_hint="--seed")
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        raise typer.BadParameter("must be more than 0", param_hint="--rate")
    if count < 1:
        raise typer.BadParameter("must be 1 or more", param_hint="--count")
