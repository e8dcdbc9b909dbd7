"""`receiver conformance`: plays every case against a sink and prints what the sink does."""

import asyncio
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import httpx
import typer
from rich.progress import Progress

from receiver.cli.completion import leave_to_shell
from receiver.cli.consoles import open_console
from receiver.cli.exits import WRONG_USE, exits
from receiver.conformance.case import Case, Result
from receiver.conformance.page import compose_page
from receiver.conformance.report import compose_members, print_report
from receiver.conformance.run import (
    count_verdicts,
    describe_plan,
    find_fault,
    has_failed,
    list_cases,
    make_probe,
    play,
)
from receiver.conformance.sending import Sender
from receiver.simulator.address import find_url_fault
from receiver.terminal import shows_progress


@exits(
    {
        0: "the sink does what it must",
        1: "it does not, or the command failed",
        2: "it is not there or does not take the token, or the use is wrong",
    }
)
def conformance(
    url: Annotated[str, typer.Argument(metavar="URL", help="The sink, used as it is given.")],
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the sink's bearer token from stdin.")
    ] = False,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the token from this file.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of the report.")
    ] = False,
    html: Annotated[
        typer.FileTextWrite | None,
        typer.Option(
            metavar="FILE",
            lazy=False,
            encoding="utf-8",
            autocompletion=leave_to_shell,
            help="Write the report as a page of HTML, too.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Play only cases of such names; again for more."),
    ] = None,
    deadline: Annotated[
        float, typer.Option(min=0.1, max=300, help="Seconds for each request and its answer.")
    ] = 10.0,
) -> None:
    """Play published notifications and faults against any sink, and report what it does.

    Give it a sink that stores nothing of value: it sends events, of a phone number that nobody
    has.
    """
    _require_usable(url)
    token = _read_token(token_stdin, token_file)
    run, now = uuid4().hex[:12], datetime.now(UTC)
    cases = list_cases(run, now, only or ())
    if not cases:
        raise typer.BadParameter("no case has such a name", param_hint="--only")
    shown = str(httpx.URL(url).copy_with(query=None, fragment=None))
    typer.echo(f"{shown}: {describe_plan(cases)}", err=True)
    results = asyncio.run(_play(url, token, deadline, run, now, cases))
    if isinstance(results, str):
        typer.echo(f"receiver: {shown}: {results}", err=True)
        raise typer.Exit(WRONG_USE)
    if html is not None:
        html.write(compose_page(shown, results))
    if as_json:
        document = {
            "sink": shown,
            "verdicts": count_verdicts(results),
            "cases": [*map(compose_members, results)],
        }
        typer.echo(json.dumps(document, indent=2))
    else:
        print_report(results, open_console(highlight=False))
    raise typer.Exit(1 if has_failed(results) else 0)


async def _play(
    url: str, token: str, deadline: float, run: str, now: datetime, cases: list[Case]
) -> list[Result] | str:
    console = open_console(stderr=True)
    async with Sender(url, token, deadline) as sender:
        fault = await find_fault(make_probe(run, now), sender)
        if fault is not None:
            return fault
        with Progress(console=console, disable=not shows_progress(console.file)) as progress:
            bar = progress.add_task("playing", total=len(cases))
            return await play(cases, sender, lambda _: progress.advance(bar))


def _require_usable(url: str) -> None:
    fault = find_url_fault(url)
    if fault is not None:
        raise typer.BadParameter(fault, param_hint="URL")


def _read_token(from_stdin: bool, file: Path | None) -> str:
    if from_stdin == (file is not None):
        raise typer.BadParameter("give one of them", param_hint="--token-stdin / --token-file")
    try:
        token = (sys.stdin.read() if file is None else file.read_text()).strip()
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "no text"
        raise typer.BadParameter(f"cannot be read ({reason})", param_hint="--token-file") from None
    if not re.fullmatch(r"[!-~]+", token):
        # The token stands in neither message.
        raise typer.BadParameter("must be visible ASCII without spaces", param_hint="the token")
    return token
