"""`receiver credential` and its commands."""

import typer

from receiver.cli.credential.create import create
from receiver.cli.credential.listing import list_all
from receiver.cli.credential.revoke import revoke
from receiver.cli.credential.rotate import rotate

app = typer.Typer(
    help="Create, list, rotate and revoke bearer tokens.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
app.command()(create)
app.command()(rotate)
app.command("list")(list_all)
app.command()(revoke)
