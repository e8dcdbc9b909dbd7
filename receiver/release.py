"""The release of this code: its name and version, the same wherever they are told."""

from functools import cache
from importlib.metadata import version

NAME = "device-status-receiver"


@cache
def find_version() -> str:
    """Returns the version of the installed distribution, such as `0.1.0`."""
    return version(NAME)
