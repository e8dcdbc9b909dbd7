"""Laws over all commands: what lists is for programs too, and each says how it may end."""

import ast
import inspect
import sys
from collections.abc import Iterator

import pytest
from typer.core import TyperCommand

from receiver.cli.exits import OF_EVERY_COMMAND, read_exits
from tests.support.command_line import run
from tests.support.every_command import every_command

EVERY = dict(every_command())

# What they print is no list: nothing, one value, counts, SQL, a file, or another program's output.
NO_LIST = {
    *("serve", "simulate", "console", "migrate", "reprocess", "maintain", "rebuild", "distribute"),
    *("forget", "export", "import", "spool drain", "credential create", "credential rotate"),
    *("credential revoke", "subscription add", "psql", "dsn", "completion"),
}


@pytest.mark.parametrize(("name", "command"), EVERY.items(), ids=EVERY)
def test_every_command_that_lists_prints_json_for_programs(
    name: str, command: TyperCommand
) -> None:
    has_json = any("--json" in parameter.opts for parameter in command.params)
    assert has_json is (name not in NO_LIST)


def test_no_command_that_is_called_a_list_is_excepted() -> None:
    assert [name for name in NO_LIST if name.endswith("list")] == []
    assert EVERY.keys() >= NO_LIST


@pytest.mark.parametrize(("name", "command"), EVERY.items(), ids=EVERY)
def test_every_command_names_the_statuses_with_which_it_ends(
    name: str, command: TyperCommand
) -> None:
    told = read_exits(command.help or "")
    assert OF_EVERY_COMMAND.keys() <= told.keys()
    module = sys.modules[inspect.unwrap(command.callback).__module__]  # type: ignore[arg-type]
    assert set(_read_statuses(ast.parse(inspect.getsource(module)))) <= told.keys()


def _read_statuses(tree: ast.AST) -> Iterator[int]:
    """Yields the numbers with which a module ends the process."""
    endings = {"typer.Exit", "sys.exit", "SystemExit"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in endings and node.args:
            [status] = node.args
            branches = (status.body, status.orelse) if isinstance(status, ast.IfExp) else (status,)
            for branch in branches:
                if isinstance(branch, ast.Constant):
                    assert isinstance(branch.value, int)
                    yield branch.value


@pytest.mark.parametrize("name", [name for name in EVERY if name != "psql"])
def test_the_help_tells_each_status_on_a_line_of_its_own(name: str) -> None:
    lines = run(*name.split(), "--help").stdout.splitlines()
    first = lines.index("  Exit status:") + 1
    told = read_exits(EVERY[name].help or "")
    shown = [line.split(maxsplit=1) for line in lines[first : first + len(told)]]
    assert shown == [[str(status), meaning] for status, meaning in told.items()]
    assert max(map(len, lines[first : first + len(told)])) <= 80
