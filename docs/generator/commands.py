"""`commands.md`: every command of `receiver`, with its arguments and options."""

from collections.abc import Iterator, Sequence
from typing import cast

from typer import Context
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from docs.generator import markdown
from receiver.cli.commands import COMMANDS, load_command
from receiver.cli.exits import HEADING, read_exits

INTRODUCTION = """
Every command prints its help with `--help`. An error is one line on stderr and exit status 1; each
command names its exit statuses. `receiver --version` prints the version.

Every command that lists takes `--json` and prints one JSON document: `spool list` and
`subscription list` an array, the others an object; `send` prints an object for each line.

What goes into a pipe or a file has no colours; `NO_COLOR` keeps colours, bars and every other
escape sequence from terminals too, and `FORCE_COLOR` asks for colours wherever they go.

The settings of [configuration.md](configuration.md) apply to every command. Without `DATABASE_URL`
a command uses the embedded Postgres of the running service, or starts it for its run.
"""

# Arguments that a command hands to another program.
FOREIGN = "[ARGUMENT]..."


def page() -> str:
    """Returns the page."""
    overview = markdown.table(
        ("command", "does"),
        [(f"[`{name}`](#receiver-{name})", entry.summary) for name, entry in COMMANDS.items()],
    )
    parts = [
        part
        for name, entry in COMMANDS.items()
        for part in _command(f"receiver {name}", load_command(entry), is_foreign=entry.is_foreign)
    ]
    return markdown.page("Commands", INTRODUCTION, overview, *parts)


def _command(
    path: str, command: TyperCommand | TyperGroup, *, is_foreign: bool = False
) -> Iterator[str]:
    """Yields the section of a command, then those of the commands below it."""
    yield f"{'#' * len(path.split())} {path}"
    words, _, statuses = (command.help or "").partition(f"\b\n{HEADING}")
    yield from (" ".join(paragraph.split()) for paragraph in words.strip().split("\n\n"))
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _command(f"{path} {name}", cast("TyperCommand", below))
    else:
        yield from _usage(path, command, [FOREIGN] if is_foreign else [])
        told = read_exits(f"{HEADING}{statuses}").items()
        yield markdown.table(("exit status", "meaning"), [(str(key), word) for key, word in told])


def _usage(path: str, command: TyperCommand, foreign: Sequence[str]) -> Iterator[str]:
    context = Context(command, info_name=path)
    yield f"```text\n{' '.join([path, *command.collect_usage_pieces(context), *foreign])}\n```"
    parameters = cast("list[TyperArgument | TyperOption]", command.params)
    rows = [_row(parameter, context) for parameter in parameters]
    if rows:
        yield markdown.table(("argument or option", "meaning"), rows)


def _row(parameter: TyperArgument | TyperOption, context: Context) -> tuple[str, str]:
    names, words = parameter.get_help_record(context) or (parameter.name or "", "")
    if isinstance(parameter, TyperArgument):
        names = parameter.metavar or parameter.name or ""
    return markdown.code(names), words
