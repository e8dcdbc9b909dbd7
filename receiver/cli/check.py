"""`receiver check`: reads files, judges them and prints the verdicts; asks no service."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from receiver.checker.report import print_report
from receiver.checker.verdict import STDIN, Severity, Verdict, compose_members, judge
from receiver.cli.consoles import open_console
from receiver.cli.exits import exits
from receiver.errors import NotificationRefused


@exits(
    {
        Severity.CLEAN: "all is clean",
        Severity.WITH_FINDINGS: "something was forgiven",
        Severity.REFUSED: "something is refused or unreadable, or the use is wrong",
    }
)
def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
            help="Each holds one notification or a batch (a JSON array), plain or in gzip. "
            "Default, or -: stdin.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of the report.")
    ] = False,
) -> None:
    """Say what notifications are and what their senders break; needs no service and no database."""
    now = datetime.now(UTC)
    verdicts = [verdict for file in files or [STDIN] for verdict in _judge_file(file, now)]
    if as_json:
        typer.echo(json.dumps({"notifications": [*map(compose_members, verdicts)]}, indent=2))
    else:
        print_report(verdicts, open_console(highlight=False))
    raise typer.Exit(max((verdict.severity for verdict in verdicts), default=Severity.CLEAN))


def _judge_file(file: str, now: datetime) -> Iterator[Verdict]:
    try:
        body = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "not a file name"
        yield Verdict(file, None, NotificationRefused(f"cannot be read ({reason})"))
        return
    yield from judge(file, body, now)
