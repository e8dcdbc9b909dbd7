"""`receiver simulate`: sends a plan to a sink, prints how it answered, and what to expect of it."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from receiver.cli.completion import leave_to_shell
from receiver.cli.consoles import open_console
from receiver.cli.exits import exits
from receiver.cli.sink import find_sink, read_local_token
from receiver.settings.settings import Settings
from receiver.simulator.address import explain_failure
from receiver.simulator.expectations import expect as expect_status
from receiver.simulator.plan import BATCH_SIZE_MAX, Forms, Plan, find_unusable
from receiver.simulator.report import print_expected, print_report
from receiver.simulator.run import run_plan


@exits(
    {
        0: "every answer is as it should be; without --faults that is 204",
        1: "an answer is not, or it failed",
    }
)
def simulate(
    to: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The sink; without a path, its /notifications. Default: the local service.",
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="RECEIVER_TOKEN",
            help="The sink's bearer token. Default: the one the first start left.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="The same seed tells the same stories of the same phones.")
    ] = 1,
    days: Annotated[
        int, typer.Option(help="The stories happened in so many days; some are not over.")
    ] = 7,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When the days end: RFC 3339 with a time zone, to the second. The same time and "
            "seed send identical notifications. Default: now.",
        ),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Notifications a second. Default: as fast as answered.")
    ] = None,
    count: Annotated[
        int, typer.Option(help="How many events; without --batch as many notifications.")
    ] = 400,
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
    expect: Annotated[
        typer.FileTextWrite | None,
        typer.Option(
            metavar="FILE",
            lazy=False,
            autocompletion=leave_to_shell,
            help="Write the status to expect of each device, one JSON object a line.",
        ),
    ] = None,
) -> None:
    """Send stories of phones that roam, lose connectivity and end their subscriptions.

    Afterwards, the status to expect of the phones is printed. It is what the stories tell, unless
    the service knows more of the same phones.
    """
    settings = Settings.from_environment()
    url = find_sink(settings, to or None)
    token = token or read_local_token(settings, "give --token")
    now = datetime.now(UTC)
    end = (now if until is None else _read_time(until)).replace(microsecond=0)
    plan = Plan(
        until=end, days=days, seed=seed, count=count, forms=forms, batch=batch, faults=faults
    )
    if unusable := find_unusable(plan, url=url, token=token, rate=rate, now=now):
        option, reason = unusable
        raise typer.BadParameter(reason, param_hint=option)
    summary = run_plan(plan, url=url, token=token, rate=rate, console=open_console(stderr=True))
    if summary.is_stopped:
        [answer] = summary.answers
        typer.echo(f"receiver: {explain_failure(url, answer)}", err=True)
        raise typer.Exit(1)
    print_report(summary, open_console())
    expected = list(expect_status(summary.told))
    print_expected(expected, open_console())
    if expect is not None:
        expect.writelines(f"{json.dumps(document)}\n" for document in expected)
    raise typer.Exit(0 if summary.is_as_expected else 1)


def _read_time(text: str) -> datetime:
    try:
        return TypeAdapter(AwareDatetime).validate_python(text).astimezone(UTC)
    except (ValidationError, OverflowError):
        raise typer.BadParameter(
            "must be RFC 3339 with a time zone", param_hint="--until"
        ) from None
