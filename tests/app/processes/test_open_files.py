"""Connections within the limit of open files: raised as far as the system allows, no further."""

import json
import subprocess
import sys

import pytest

from receiver.app.processes.open_files import OTHER_FILES

# In a process of its own: a hard limit, once lowered, cannot be raised again.
PROGRAM = """
import json, resource, sys
from receiver.app.processes.open_files import allow_connections
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
possible = allow_connections(wanted)
print(json.dumps([possible, resource.getrlimit(resource.RLIMIT_NOFILE)]), file=sys.stderr)
"""


def allow(soft: int, hard: int, wanted: int) -> tuple[int, list[int], str]:
    """The connections allowed, the limits afterwards, and what was logged."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, (soft, hard, wanted))],
        capture_output=True,
        text=True,
        check=True,
    )
    possible, limits = json.loads(ended.stderr)
    return possible, limits, ended.stdout


def test_a_limit_that_is_high_enough_is_left_alone() -> None:
    assert allow(1000, 1000, 500) == (500, [1000, 1000], "")


def test_a_low_limit_is_raised_to_what_the_connections_need() -> None:
    assert allow(256, 2000, 1000) == (1000, [1000 + OTHER_FILES, 2000], "")


def test_where_the_system_allows_less_fewer_connections_are_held_and_a_line_says_so() -> None:
    possible, limits, logged = allow(256, 512, 1000)
    assert (possible, limits) == (512 - OTHER_FILES, [512, 512])
    assert "RECEIVER_CONNECTION_LIMIT" in logged


@pytest.mark.parametrize("wanted", [1, 5])
def test_at_least_one_connection_is_always_held(wanted: int) -> None:
    # Enough for the interpreter, and fewer than the files beside connections.
    possible, limits, _ = allow(OTHER_FILES // 2, OTHER_FILES // 2, wanted)
    assert (possible, limits) == (1, [OTHER_FILES // 2] * 2)
