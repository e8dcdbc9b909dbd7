"""Exit statuses stand beside the code of a command, and in its help."""

from receiver.cli.exits import HEADING, OF_EVERY_COMMAND, exits, read_exits


def test_the_statuses_of_a_command_follow_its_help_in_their_order() -> None:
    @exits({3: "three", 1: "one"})
    def command() -> None:
        """Do it.

        At once.
        """

    assert command.__doc__ is not None
    words, _, statuses = command.__doc__.partition(f"\n\n\b\n{HEADING}\n")
    assert words == "Do it.\n\nAt once."
    assert [line.split()[0] for line in statuses.splitlines()] == ["0", "1", "2", "3", "130"]
    assert read_exits(command.__doc__) == OF_EVERY_COMMAND | {3: "three", 1: "one"}


def test_a_help_without_statuses_has_none() -> None:
    assert read_exits("Do it.") == {}
