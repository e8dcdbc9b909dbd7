"""One run of a simulation: sends a plan, with a progress bar for people."""

import asyncio

from rich.console import Console
from rich.progress import Progress

from receiver.simulator.plan import Plan
from receiver.simulator.sending import Summary, send
from receiver.terminal import shows_progress

# Requests at a time: several for each commit of a worker, and few beside its 1000 connections.
CONCURRENCY = 16


def run_plan(plan: Plan, *, url: str, token: str, rate: float | None, console: Console) -> Summary:
    """Sends the notifications of a plan.

    Args:
        url: the sink, used exactly as given.
        rate: notifications per second; None: as fast as answers come.
        console: shows the progress, if it is a terminal.
    """
    with Progress(console=console, disable=not shows_progress(console.file)) as progress:
        bar = progress.add_task("sending", total=plan.count)
        return asyncio.run(
            send(
                plan.make_notifications(),
                url=url,
                token=token,
                rate=rate,
                concurrency=CONCURRENCY,
                on_answer=lambda notification, _: progress.advance(bar, notification.events),
            )
        )
