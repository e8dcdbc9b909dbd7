"""Every command that does something, by its words, as typer makes it."""

from collections.abc import Iterator

from typer.core import TyperCommand, TyperGroup

from receiver.cli.commands import COMMANDS, load_command


def every_command() -> Iterator[tuple[str, TyperCommand]]:
    for name, entry in COMMANDS.items():
        command = load_command(entry)
        if isinstance(command, TyperGroup):
            for below, inner in command.commands.items():
                assert isinstance(inner, TyperCommand)
                yield f"{name} {below}", inner
        else:
            yield name, command
