"""`receiver simulate`: sends believable stories to a sink and sums up its answers."""

import asyncio
import math
import re
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from receiver.cli import stories
from receiver.cli.database import data_dir
from receiver.cli.first_start import token_file
from receiver.cli.sending import Summary, send
from receiver.errors import ConfigurationError
from receiver.settings import Settings
from receiver.store.credentials import Role

CONCURRENCY = 16


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
    count: Annotated[int, typer.Option(help="How many notifications.")] = 100,
) -> None:
    """Send stories of phones that roam, lose connectivity and end their subscriptions."""
    settings = Settings.from_environment()
    url = to or f"http://{settings.host}:{settings.port}/notifications"
    raise typer.Exit(run(url, token or _local_token(settings), seed=seed, rate=rate, count=count))


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


def _local_token(settings: Settings) -> str:
    path = token_file(data_dir(settings), Role.SINK)
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigurationError(
            f"no token: {path} cannot be read ({error.strerror}); give --token"
        ) from None


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
