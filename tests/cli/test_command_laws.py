"""Laws over all commands: what lists is for programs too."""

import pytest
from typer.core import TyperCommand

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
