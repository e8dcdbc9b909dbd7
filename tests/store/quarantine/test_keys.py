"""The id of an entry of the quarantine carries the key of its row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.errors import RefusalNotFound
from receiver.store.events.keys import EventKey, write_event_id
from receiver.store.quarantine.keys import read_quarantine_id, write_quarantine_id
from tests.support.arrivals import MORNING, NAMESPACE


@given(st.integers(1, 2**63 - 1))
def test_an_id_carries_its_key(key: int) -> None:
    assert key == read_quarantine_id(write_quarantine_id(key))


@pytest.mark.parametrize(
    "word", ["", "1", "not an id", "é", write_event_id(EventKey(NAMESPACE, MORNING, 1))]
)
def test_a_word_that_is_no_id_means_no_entry(word: str) -> None:
    with pytest.raises(RefusalNotFound):
        read_quarantine_id(word)
