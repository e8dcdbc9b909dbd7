"""An entry stands in the ledger at its key."""

from receiver.projection.subscriptions.forecast import NOTHING, State
from receiver.store.subscriptions.entry import Entry
from tests.support.facts import NOON


def test_the_position_of_an_entry_is_its_key() -> None:
    key = ("operator", "s-1")
    entry = Entry(key, NOON, [], None, None, NOTHING, None, State.ENDED, False, False, [], 0, None)
    assert entry.position == key
