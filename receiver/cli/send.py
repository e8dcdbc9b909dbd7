"""`receiver send`: posts captured notifications to a sink, and prints what each was answered."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from receiver.cli.exits import exits
from receiver.cli.files import STDIN, explain_unread
from receiver.cli.sink import find_sink, read_local_token
from receiver.client.attempts import is_near
from receiver.posting.captures import Capture, Mode, read_captures
from receiver.posting.run import Reply, post_all
from receiver.settings.settings import Settings
from receiver.simulator.address import (
    explain_failure,
    find_token_fault,
    find_url_fault,
)
from receiver.terminal import make_printable

TOKEN_VARIABLE = "RECEIVER_TOKEN"  # noqa: S105 - the name of a variable

# Characters of a token file that are read: a token has a few hundred, and a wrong file may be huge.
TOKEN_LENGTH_MAX = 16_384


@exits(
    {
        0: "all is taken",
        1: "something is refused or cannot be read, or it failed",
        2: "no sink answers, or the use is wrong",
    }
)
def send(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help="Each holds one notification or a batch (a JSON array), plain or in gzip, or one "
            "of them on each line, as `receiver import` reads it. -: stdin.",
        ),
    ],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The sink; without a path, its /notifications. Default: the local service.",
        ),
    ] = None,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the sink's bearer token from stdin.")
    ] = False,
    token_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Read the token from this file. Default: RECEIVER_TOKEN, or on this machine the "
            "one that the first start left.",
        ),
    ] = None,
    mode: Annotated[
        Mode,
        typer.Option(help="How a file is read: as one body, or line by line. auto: as it looks."),
    ] = Mode.AUTO,
    content_type: Annotated[
        str | None,
        typer.Option(
            metavar="TYPE", help="The media type of every body. Default: what the body is."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line for each answer.")
    ] = False,
) -> None:
    """Post captured notifications to a sink, each as it stands and in their order.

    What was answered is printed for each. Nothing more is posted once there is no answer, or the
    token is refused. Again is harmless: the service knows what it has.
    """
    settings = Settings.from_environment()
    url = find_sink(settings, to)
    if fault := find_url_fault(url):
        raise typer.BadParameter(fault, param_hint="--to")
    if token_stdin and STDIN in files:
        raise typer.BadParameter("stdin is a file already", param_hint="--token-stdin")
    if token_stdin and token_file is not None:
        raise typer.BadParameter("one of --token-stdin and --token-file")
    if content_type is not None and not (content_type.isascii() and content_type.isprintable()):
        raise typer.BadParameter("must be visible ASCII", param_hint="--content-type")
    token = _read_token(settings, url, from_stdin=token_stdin, file=token_file)
    summary = post_all(
        _read_files(files, mode, content_type),
        url=url,
        token=token,
        on_reply=_print_members if as_json else _print_line,
    )
    typer.echo(summary.compose_text(), err=True)
    if summary.failure is not None and not summary.has_met_sink:
        typer.echo(f"receiver: {explain_failure(url, summary.failure)}", err=True)
        raise typer.Exit(2)
    raise typer.Exit(1 if summary.refused else 0)


def _read_token(settings: Settings, url: str, *, from_stdin: bool, file: str | None) -> str:
    """Returns the token; only a sink on this machine gets the one that the first start left."""
    if from_stdin:
        option, token = "--token-stdin", sys.stdin.readline(TOKEN_LENGTH_MAX).strip()
    elif file is not None:
        option, token = "--token-file", _read_token_file(file)
    elif token := os.environ.get(TOKEN_VARIABLE, ""):
        option = TOKEN_VARIABLE
    elif is_near(url):
        option, token = "", read_local_token(settings, "give --token-file or --token-stdin")
    else:
        raise typer.BadParameter("must be given for another machine", param_hint="--token-file")
    if fault := find_token_fault(token):
        raise typer.BadParameter(fault, param_hint=option or "the token of the first start")
    return token


def _read_token_file(file: str) -> str:
    try:
        with Path(file).open(encoding="utf-8") as opened:
            return opened.readline(TOKEN_LENGTH_MAX).strip()
    except (OSError, ValueError) as error:
        raise typer.BadParameter(
            f"{file}: cannot be read ({explain_unread(error)})", param_hint="--token-file"
        ) from None


def _read_files(files: list[str], mode: Mode, content_type: str | None) -> Iterator[Capture]:
    for file in files:
        name = "stdin" if file == STDIN else file
        with ExitStack() as stack:
            try:
                opened = (
                    sys.stdin.buffer
                    if file == STDIN
                    else stack.enter_context(Path(file).open("rb"))
                )
                yield from read_captures(name, opened, mode, content_type)
            except (OSError, ValueError) as error:
                yield Capture(name, fault=f"cannot be read ({explain_unread(error)})")


def _print_line(reply: Reply) -> None:
    told = (str(reply.status or "-"), reply.code, reply.message)
    typer.echo(f"{make_printable(reply.place)}  {' '.join(filter(None, told))}")


def _print_members(reply: Reply) -> None:
    members = {
        "place": reply.place,
        "status": reply.status,
        "code": reply.code or None,
        "message": reply.message or None,
    }
    told = {name: value for name, value in members.items() if value is not None}
    typer.echo(json.dumps(told, ensure_ascii=False))
