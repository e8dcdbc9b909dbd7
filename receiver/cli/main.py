"""`receiver` itself: its help, its version, and the one line of an error."""

import os
import sys
from typing import Annotated

import typer

from receiver.cli.commands import Commands
from receiver.cli.completion import prepare_answer
from receiver.errors import ReceiverError
from receiver.release import find_version

app = typer.Typer(
    cls=Commands,
    name="receiver",
    help="Receives, keeps and answers questions about CAMARA device status notifications.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(context: typer.Context, is_wanted: bool) -> None:
    if is_wanted and not context.resilient_parsing:
        typer.echo(find_version())
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version of the service and end.",
        ),
    ] = False,
) -> None:
    """Receives, keeps and answers questions about CAMARA device status notifications."""


# With their modes, in the order of their descriptors.
STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def open_missing_streams() -> None:
    """Opens the null device in place of each standard stream that was closed, as `>&-` does.

    Else the first file or connection that is opened has its number, and whoever prints writes into
    it: this process, its workers, and Postgres below it.
    """
    for name, mode in STREAMS:
        if getattr(sys, name) is None:
            # The lowest free number, which is that of the stream.
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode))


def main() -> None:
    """Runs the command line; a `ReceiverError` is one line on stderr and exit status 1."""
    open_missing_streams()
    prepare_answer()
    try:
        app()
    except ReceiverError as error:
        typer.echo(f"receiver: {error}", err=True)
        sys.exit(1)
