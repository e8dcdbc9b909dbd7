"""The commands by name; the module of a command is imported only to run that command."""

from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from receiver.lazy import load


@dataclass(frozen=True, slots=True)
class Entry:
    """The place of a command, and its line in `receiver --help`.

    Attributes:
        place: `module:name` of a function, or of a `typer.Typer` with commands of its own.
        summary: the first sentence of the command's own help.
        is_foreign: whether the arguments that it does not declare, `--help` too, go to another
            program.
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
    "send": Entry(
        "receiver.cli.send:send",
        "Post captured notifications to a sink, each as it stands and in their order.",
    ),
    "tail": Entry(
        "receiver.cli.tail:tail", "Follow events live in a terminal, as they are stored."
    ),
    "check": Entry(
        "receiver.cli.check:check",
        "Say what notifications are and what their senders break; needs no service and no "
        "database.",
    ),
    "conformance": Entry(
        "receiver.cli.conformance:conformance",
        "Play published notifications and faults against any sink, and report what it does.",
    ),
    "doctor": Entry(
        "receiver.cli.doctor:doctor",
        "Check settings, database and service; a test notification is posted, read and removed.",
    ),
    "config": Entry(
        "receiver.cli.config:config",
        "Show every setting with its value and where the value comes from, secrets hidden.",
    ),
    "console": Entry(
        "receiver.cli.console:console", "Print a link that signs in to the console once."
    ),
    "migrate": Entry(
        "receiver.cli.migrate:migrate", "Apply migrations; safe from several replicas at once."
    ),
    "reprocess": Entry(
        "receiver.cli.reprocess:reprocess",
        "Parse quarantined notifications again with today's code, and store what is understood.",
    ),
    "maintain": Entry(
        "receiver.cli.maintain:maintain",
        "Do what the service does daily: partitions, retention, quarantine and sweep; for cron.",
    ),
    "rebuild": Entry(
        "receiver.cli.rebuild:rebuild",
        "Derive the answers about all devices anew; the service goes on meanwhile.",
    ),
    "distribute": Entry(
        "receiver.cli.distribute:distribute",
        "Distribute the events of a Citus database over its workers, by device and in place.",
    ),
    "forget": Entry(
        "receiver.cli.forget:forget",
        "Erase a device and what stands for it, everywhere that this service reaches.",
    ),
    "export": Entry(
        "receiver.cli.export:export",
        "Write events, devices, roaming sessions or subscriptions into a file.",
    ),
    "import": Entry(
        "receiver.cli.importing:import_",
        "Store the raw notifications of a file, as if they arrived when it says.",
    ),
    "spool": Entry(
        "receiver.cli.spool.app:app",
        "Look at what waits in the spool for the database, and store it.",
    ),
    "credential": Entry(
        "receiver.cli.credential.app:app", "Create, list, rotate and revoke bearer tokens."
    ),
    "subscription": Entry(
        "receiver.cli.subscription.app:app",
        "Register what a provider answered, and list subscriptions.",
    ),
    "psql": Entry(
        "receiver.cli.psql:psql",
        "Run psql on the service's database; every argument but --reports is psql's own.",
        is_foreign=True,
    ),
    "dsn": Entry(
        "receiver.cli.dsn:dsn", "Print the URL of the service's database, for other tools."
    ),
    "completion": Entry(
        "receiver.cli.completion:completion",
        "Print the script with which a shell completes commands, options and their choices.",
    ),
}


class Commands(TyperGroup):
    """The group of `COMMANDS`: their list imports none of them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in COMMANDS.items():
            self.add_command(TyperCommand(name, help=entry.summary))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Resolves a command as typer does, then imports it."""
        name, _listed, rest = super().resolve_command(ctx, args)
        return name, name and load_command(COMMANDS[name]), rest


def load_command(entry: Entry) -> Any:
    """Imports a command and returns what typer makes of it."""
    command = load(entry.place)
    if isinstance(command, typer.Typer):
        return get_command(command)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    foreign = {"allow_extra_args": True, "ignore_unknown_options": True}
    alone.command(
        context_settings=foreign if entry.is_foreign else None,
        add_help_option=not entry.is_foreign,
    )(command)
    return get_command(alone)
