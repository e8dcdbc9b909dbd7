"""`receiver` itself: its help, its version, and the one line of an error."""

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from receiver.cli.commands import Commands
from receiver.cli.completion import prepare_answer
from receiver.cli.exits import FAILED, INTERRUPTED
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


def print_whatever_there_is() -> None:
    """Lets stdout and stderr print what their encoding lacks, such as the name of a file.

    It is written as an escape; else the command would end at that character.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def abandon_full_streams() -> None:
    """Drops what stdout or stderr did not take, as where a disk is full.

    Else the interpreter tries again at its end, prints that it failed, and ends with 120.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with Path(os.devnull).open("wb") as nothing:
                os.dup2(nothing.fileno(), stream.fileno())


def main() -> None:
    """Runs the command line; an error of ours, or of the machine, is one line and exit status 1."""
    open_missing_streams()
    print_whatever_there_is()
    prepare_answer()
    try:
        app()
    except ReceiverError as error:
        _fail(str(error))
    except OSError as error:
        # The disk is full, a folder is closed: nobody reads a traceback of it.
        place = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        _fail(f"{place}{error.strerror or type(error).__name__}")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        abandon_full_streams()


def _fail(words: str) -> NoReturn:
    # Whoever closed stderr reads nothing.
    with suppress(OSError):
        typer.echo(f"receiver: {words}", err=True)
    sys.exit(FAILED)
