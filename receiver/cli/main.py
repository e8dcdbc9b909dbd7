"""`receiver` itself: its help, its version, and the one line of an error."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from receiver.cli.commands import Commands
from receiver.errors import ReceiverError

app = typer.Typer(
    cls=Commands,
    name="receiver",
    help="Receives, keeps and answers questions about CAMARA device status notifications.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(version("device-status-receiver"))
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print and end."),
    ] = False,
) -> None:
    """Receives, keeps and answers questions about CAMARA device status notifications."""


def main() -> None:
    """Runs the command line; a `ReceiverError` is one line on stderr and exit status 1."""
    try:
        app()
    except ReceiverError as error:
        typer.echo(f"receiver: {error}", err=True)
        sys.exit(1)
