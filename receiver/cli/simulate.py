"""`receiver simulate`: sends believable stories to a sink and sums up its answers."""

import asyncio
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import Progress

from receiver.app.database import find_data_dir
from receiver.app.first_start import find_token_file
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.simulator.batches import in_batches
from receiver.simulator.faults import mixed
from receiver.simulator.notification import Notification
from receiver.simulator.sending import send
from receiver.simulator.showing import show
from receiver.simulator.stories import notifications
from receiver.store.credentials.credentials import Role

CONCURRENCY = 16
# A sink refuses bodies over 256 KiB, and a CloudEvent may have a thousand bytes.
BATCH_SIZE_MAX = 100


class Forms(StrEnum):
    """Which notifications the stories are told in."""

    USUAL = "usual"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent: the same plan is the same notifications, byte for byte.

    Attributes:
        count: how many events.
        batch: how many of them one POST holds at most.
        faults: some of them are spoilt.
    """

    seed: int = 1
    count: int = 200
    forms: Forms = Forms.USUAL
    batch: int = 1
    faults: bool = False

    def notifications(self) -> Iterator[Notification]:
        """What is to be sent, in order."""
        told = notifications(self.seed, unusual=self.forms is Forms.ALL)
        if self.faults:
            told = mixed(told, self.seed)
        return in_batches(islice(told, self.count), self.batch)


def simulate(
    to: Annotated[
        str | None, typer.Option(metavar="URL", help="The sink. Default: the local service.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="RECEIVER_TOKEN",
            help="The sink's bearer token. Default: the one the first start left.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed sends identical notifications.")] = 1,
    rate: Annotated[
        float | None, typer.Option(help="Notifications a second. Default: as fast as answered.")
    ] = None,
    count: Annotated[
        int, typer.Option(help="How many events; without --batch as many notifications.")
    ] = 200,
    forms: Annotated[
        Forms,
        typer.Option(
            help="usual: every published version and form, each with a phone number. all: also "
            "drafts, CloudEvents binary mode, and notifications without device or data."
        ),
    ] = Forms.USUAL,
    batch: Annotated[
        int,
        typer.Option(
            metavar="SIZE",
            help=f"Put up to so many CloudEvents of one phone into one batch, {BATCH_SIZE_MAX} at "
            "most.",
        ),
    ] = 1,
    faults: Annotated[
        bool,
        typer.Option(
            "--faults",
            help="Let one in five go wrong: sent twice, late or out of order, spoilt, of an "
            "unknown type, with a wrong token or media type.",
        ),
    ] = False,
) -> None:
    """Send stories of phones that roam, lose connectivity and end their subscriptions.

    Exit status: 0 when every answer was as it should be, else 1. Without --faults that is 204.
    """
    settings = Settings.from_environment()
    url = to or f"http://{settings.host}:{settings.port}/notifications"
    plan = Plan(seed, count, forms, batch, faults)
    raise typer.Exit(run(url, token or _local_token(settings), plan, rate=rate))


def run(url: str, token: str, plan: Plan, *, rate: float | None) -> int:
    """Sends what is planned, with progress on stderr and a summary on stdout.

    Args:
        url: the sink, used exactly as given.
        rate: notifications per second; None for as fast as answers come.

    Returns:
        The exit status: 0 when every answer was as expected, else 1.

    Raises:
        typer.BadParameter: an argument cannot be used; the message never repeats the token.
    """
    _check(url, token, plan, rate=rate)
    stderr = Console(stderr=True)
    with Progress(console=stderr, disable=not stderr.file.isatty()) as progress:
        bar = progress.add_task("sending", total=plan.count)
        summary = asyncio.run(
            send(
                plan.notifications(),
                url=url,
                token=token,
                rate=rate,
                concurrency=CONCURRENCY,
                on_answer=lambda sent, _: progress.advance(bar, sent.events),
            )
        )
    show(summary, Console())
    return 0 if summary.is_as_expected else 1


def _local_token(settings: Settings) -> str:
    path = find_token_file(find_data_dir(settings), Role.SINK)
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigurationError(
            f"no token: {path} cannot be read ({error.strerror}); give --token"
        ) from None


def _check(url: str, token: str, plan: Plan, *, rate: float | None) -> None:
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
    if plan.seed < 0:
        raise typer.BadParameter("must be 0 or more", param_hint="--seed")
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        raise typer.BadParameter("must be more than 0", param_hint="--rate")
    if plan.count < 1:
        raise typer.BadParameter("must be 1 or more", param_hint="--count")
    if not 1 <= plan.batch <= BATCH_SIZE_MAX:
        raise typer.BadParameter(f"must be 1 to {BATCH_SIZE_MAX}", param_hint="--batch")
