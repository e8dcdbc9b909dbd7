"""A whole number is one in either notation, and nothing else is one."""

import pytest

from receiver.events.numbers import read_whole_number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (208, 208),
        (208.0, 208),
        (-0.0, 0),
        (99999991000.0, 99999991000),
        (-(2**63), -(2**63)),
        (208.5, None),
        (1e-300, None),
        (True, None),
        (False, None),
        ("208", None),
        ([208], None),
        (None, None),
    ],
)
def test_a_whole_number_written_as_a_fraction_is_that_number(
    value: object, number: int | None
) -> None:
    found = read_whole_number(value)
    assert number == found
    assert type(found) in (int, type(None))
