"""The commands by name; a command's module is loaded when it is asked for, and no other."""

from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from receiver.lazy import load


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is, and its line in `receiver --help`.

    Attributes:
        place: module and name, of a function or of a `typer.Typer` with commands of its own.
        summary: the first sentence of its own help.
        is_foreign: its arguments, `--help` too, are those of another program.
    """

    place: str
    summary: str
    is_foreign: bool = False


COMMANDS = {
    "serve": Entry("receiver.cli.serve:serve", "Run the service until Ctrl-C or SIGTERM."),
    "simulate": Entry(
        "receiver.cli.simulate:simulate",
        "Send stories of phones that roam, lose connectivity and end their subscriptions.",
    ),
    "check": Entry(
        "receiver.cli.check:check",
        "Say what notifications are and what their senders break; needs no service and no "
        "database.",
    ),
    "doctor": Entry(
        "receiver.cli.doctor:doctor",
        "Check settings, database and service; a test notification is posted, read and removed.",
    ),
    "migrate": Entry(
        "receiver.cli.migrate:migrate", "Apply migrations; safe from several replicas at once."
    ),
    "reprocess": Entry(
        "receiver.cli.reprocess:reprocess",
        "Parse quarantined notifications again with today's code, and store what is understood.",
    ),
    "credential": Entry(
        "receiver.cli.credential.app:app", "Create, list, rotate and revoke bearer tokens."
    ),
    "psql": Entry(
        "receiver.cli.psql:psql",
        "Run psql on the service's database; every argument is psql's own.",
        is_foreign=True,
    ),
}


class Commands(TyperGroup):
    """The group of `COMMANDS`: listing them loads none, running one loads that one."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in COMMANDS.items():
            self.add_command(TyperCommand(name, help=entry.summary))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """As typer's, with the command itself in the place of its line in the help."""
        name, _listed, rest = super().resolve_command(ctx, args)
        return name, name and loaded(COMMANDS[name]), rest


def loaded(entry: Entry) -> Any:
    """The command, which typer makes of what its place holds."""
    found = load(entry.place)
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    foreign = {"allow_extra_args": True, "ignore_unknown_options": True}
    alone.command(
        context_settings=foreign if entry.is_foreign else None,
        add_help_option=not entry.is_foreign,
    )(found)
    return get_command(alone)
