"""`receiver subscription` lists its commands, and refuses any other."""

from tests.support.command_line import run


def test_without_a_command_the_help_lists_them() -> None:
    listed = run("subscription").stderr or run("subscription").stdout
    names = [line.split()[0] for line in listed.partition("Commands:")[2].splitlines() if line]
    assert names == ["add", "list"]


def test_an_unknown_command_exits_2() -> None:
    ended = run("subscription", "destroy")
    assert (ended.status, ended.stdout) == (2, "")
    assert "destroy" in ended.stderr
