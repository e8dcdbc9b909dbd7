"""Commands of the spool need one."""

import pytest

from tests.support.command_line import error_of, run


@pytest.mark.parametrize("command", ["list", "drain"])
def test_without_a_spool_the_setting_is_named(command: str) -> None:
    assert error_of(run("spool", command)) == "RECEIVER_SPOOL_DIR is not set; there is no spool"
