"""`receiver spool` and its commands."""

import typer

from receiver.cli.spool.drain import drain
from receiver.cli.spool.listing import list_all

app = typer.Typer(
    help="Look at what waits in the spool for the database, and store it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("list")(list_all)
app.command()(drain)
