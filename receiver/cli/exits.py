"""The exit statuses of commands: each says its own beside its code, and its help tells them.

Every command that fails with an error of the service ends with 1, after one line on stderr.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import TypeVar

HEADING = "Exit status:"

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
OF_EVERY_COMMAND = {
    DONE: "done",
    FAILED: "it failed, and stderr says why",
    WRONG_USE: "the use is wrong",
    INTERRUPTED: "Ctrl-C",
}


Command = TypeVar("Command", bound=Callable[..., None])


def exits(statuses: Mapping[int, str] | None = None) -> Callable[[Command], Command]:
    """Returns a decorator that writes the exit statuses of a command into its help.

    Args:
        statuses: the meanings that are not those of every command, by status.
    """
    told = sorted((OF_EVERY_COMMAND | dict(statuses or {})).items())
    lines = "\n".join(f"  {status:<4} {meaning}" for status, meaning in told)

    def tell(command: Command) -> Command:
        # \b keeps the lines apart in the help.
        command.__doc__ = f"{inspect.getdoc(command)}\n\n\b\n{HEADING}\n{lines}"
        return command

    return tell


def read_exits(help_text: str) -> dict[int, str]:
    """Returns the meanings of the exit statuses in the help of a command, by status."""
    lines = help_text.partition(HEADING)[2].strip("\n").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if line.strip())
    return {int(status): meaning for status, meaning in pairs}
