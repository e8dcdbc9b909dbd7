"""`receiver completion`: the script with which a shell completes `receiver`, and its questions.

The script asks `receiver` itself at each TAB, with the question in the environment: typer answers
from the declared commands, and imports the one command that stands in the line, or none. What is
used of typer beside its documented interface stands here alone, and works from typer 0.20 on.
"""

import os
from enum import StrEnum
from typing import Annotated

import typer
from typer.completion import (  # type: ignore[attr-defined]  # typer passes them on unsaid
    completion_init,
    get_completion_script,
)

from receiver.cli.exits import exits

PROGRAM = "receiver"
# What typer reads for a program of this name; the shell sets it for the length of a question.
VARIABLE = "_RECEIVER_COMPLETE"


class Shell(StrEnum):
    """The shells whose script is printed."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


@exits()
def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print the script with which a shell completes commands, options and their choices.

    bash, in ~/.bashrc: eval "$(receiver completion bash)". zsh, in ~/.zshrc after compinit:
    eval "$(receiver completion zsh)". fish: receiver completion fish >
    ~/.config/fish/completions/receiver.fish
    """
    typer.echo(get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell))


def leave_to_shell(_incomplete: str) -> list[str]:
    """Answers nothing, whereupon the shell completes the names of files; typer answers otherwise.

    Its own answer for an opened file is the incomplete name, which keeps bash from looking.
    """
    return []


def prepare_answer() -> None:
    """Lets typer answer the question of a shell, if there is one in the environment."""
    if VARIABLE in os.environ:
        completion_init()
