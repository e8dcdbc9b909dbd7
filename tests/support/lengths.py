"""Laws of two lengths: few examples by default, and many with `-m long`."""

import pytest
from _pytest.mark import ParameterSet


def lengths(short: int, long: int) -> list[ParameterSet]:
    """Returns the numbers of examples of a law, as parameters of its test."""
    return [
        pytest.param(short, id="short"),
        pytest.param(long, id="long", marks=pytest.mark.long),
    ]
