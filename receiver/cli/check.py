"""`receiver check`: reads files, judges them and prints the verdicts; asks no service."""

import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Annotated, TextIO

import typer

from receiver.checker.report import escape, print_report
from receiver.checker.senders.captures import Capture, read_captures
from receiver.checker.senders.document import Members, compose_document, find_severity
from receiver.checker.senders.page import compose_page
from receiver.checker.senders.tally import count_all
from receiver.checker.senders.text import print_document
from receiver.checker.verdict import SIZE_MAX, STDIN, Severity, Verdict, compose_members, judge
from receiver.cli.completion import leave_to_shell
from receiver.cli.consoles import open_console, open_file_console
from receiver.cli.exits import exits
from receiver.cli.files import explain_unread, read_file
from receiver.errors import NotificationRefused
from receiver.importer.lines import read_ndjson

BROKEN_GZIP = (EOFError, gzip.BadGzipFile, zlib.error)
# Columns of a report in a file, which has no terminal.
FILE_WIDTH = 100


class Format(StrEnum):
    """The forms of the report about a sender."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


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
            help="Each holds one notification or a batch (a JSON array), plain or in gzip; with "
            "--as also NDJSON as import takes it, of any size. Default, or -: stdin.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document instead of the report.")
    ] = False,
    sender: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="SENDER",
            help="Report on all of it as sent by one sender of this name: what it breaks, by "
            "rule, with a masked example of each.",
        ),
    ] = None,
    format_: Annotated[
        Format | None, typer.Option("--format", help="Of the report on a sender. Default: text.")
    ] = None,
    output: Annotated[
        typer.FileTextWrite | None,
        typer.Option(
            metavar="FILE",
            lazy=False,
            encoding="utf-8",
            autocompletion=leave_to_shell,
            help="Write the report on a sender here. Default: stdout.",
        ),
    ] = None,
) -> None:
    """Say what notifications are and what their senders break; needs no service and no database."""
    if sender is not None:
        if as_json:
            raise typer.BadParameter("with --as it is --format json", param_hint="--json")
        _report_on(sender, files or [STDIN], format_ or Format.TEXT, output)
    for option, value in (("--format", format_), ("--output", output)):
        if value is not None:
            raise typer.BadParameter("needs --as", param_hint=option)
    now = datetime.now(UTC)
    verdicts = [verdict for file in files or [STDIN] for verdict in _judge_file(file, now)]
    if as_json:
        typer.echo(json.dumps({"notifications": [*map(compose_members, verdicts)]}, indent=2))
    else:
        print_report(verdicts, open_console(highlight=False))
    raise typer.Exit(max((verdict.severity for verdict in verdicts), default=Severity.CLEAN))


def _judge_file(file: str, now: datetime) -> Iterator[Verdict]:
    try:
        body = read_file(file, SIZE_MAX)
    except (OSError, ValueError) as error:
        yield Verdict(file, None, NotificationRefused(_explain_unreadable(error)))
        return
    yield from judge(file, body, now)


def _report_on(sender: str, files: list[str], format_: Format, output: TextIO | None) -> None:
    document = compose_document(escape(sender), count_all(_read_all(files)))
    if output is None and format_ is Format.TEXT:
        print_document(document, open_console(highlight=False))
    elif output is None:
        typer.echo(_write(document, format_), nl=False)
    else:
        output.write(_write(document, format_))
    raise typer.Exit(find_severity(document))


def _read_all(files: list[str]) -> Iterator[tuple[str, Capture]]:
    for file in files:
        name = "stdin" if file == STDIN else escape(file)
        try:
            with (
                nullcontext(sys.stdin.buffer) if file == STDIN else Path(file).open("rb") as opened
            ):
                for capture in read_captures(opened, read_ndjson):
                    yield name, capture
        except (OSError, ValueError, *BROKEN_GZIP) as error:
            yield name, Capture(0, b"", {}, fault=_explain_unreadable(error))


def _write(document: Members, format_: Format) -> str:
    match format_:
        case Format.JSON:
            return json.dumps(document, indent=2) + "\n"
        case Format.HTML:
            return compose_page(document)
        case Format.TEXT:
            written = StringIO()
            print_document(document, open_file_console(written, FILE_WIDTH))
            return written.getvalue()


def _explain_unreadable(error: Exception) -> str:
    if isinstance(error, BROKEN_GZIP):
        return "cannot be read (gzip that is broken or cut off)"
    return f"cannot be read ({explain_unread(error)})"
