"""`receiver spool` lists its commands, and refuses any other."""

from tests.support.command_line import run


def test_without_a_command_the_help_lists_them() -> None:
    listed = run("spool").stderr or run("spool").stdout
    names = [line.split()[0] for line in listed.partition("Commands:")[2].splitlines() if line]
    assert names == ["list", "drain"]


def test_an_unknown_command_exits_2() -> None:
    ended = run("spool", "empty")
    assert (ended.status, ended.stdout) == (2, "")
    assert "empty" in ended.stderr
