"""`receiver subscription` and its commands."""

import typer

from receiver.cli.subscription.add import add
from receiver.cli.subscription.listing import list_all

app = typer.Typer(
    help="Register what a provider answered, and list subscriptions.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
app.command()(add)
app.command("list")(list_all)
