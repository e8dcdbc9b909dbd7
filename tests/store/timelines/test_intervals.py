"""The texts of the questions for intervals."""

import pytest

from receiver.events.axes import NAMES, TELLERS, Axis, list_ways_out
from receiver.store.timelines.intervals import write_bits, write_uncovering


def test_names_are_bits_in_their_order() -> None:
    assert [1 << bit for bit in range(len(NAMES))] == [write_bits(frozenset({n})) for n in NAMES]
    assert write_bits(frozenset(NAMES)) == 2 ** len(NAMES) - 1


@pytest.mark.parametrize("axis", Axis)
@pytest.mark.parametrize("value", ["CONNECTED_DATA", "NOT_CONNECTED", "true", "false", "", "FR"])
def test_every_way_out_of_a_value_is_a_condition(axis: Axis, value: str) -> None:
    text = write_uncovering(axis)
    for names in (TELLERS[axis], *list_ways_out(axis, value)):
        bits = write_bits(names)
        assert f"lost & {bits} <> 0 AND told & {bits} = 0" in text
