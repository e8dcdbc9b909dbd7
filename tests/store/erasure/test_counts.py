"""Counts of an erasure are summed by name."""

from receiver.store.erasure.counts import Removed


def test_counts_are_added_to_those_of_their_name() -> None:
    assert Removed(events=1, seeds=2).add(events=3, spooled=4) == Removed(
        events=4, seeds=2, spooled=4
    )
