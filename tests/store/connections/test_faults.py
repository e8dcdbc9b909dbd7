"""What an SQLSTATE means for a batch."""

import pytest

from receiver.store.connections.faults import WORDS, find_fault


@pytest.mark.parametrize(
    ("sqlstate", "word"),
    [
        ("53100", "disk-full"),
        ("53200", "out-of-memory"),
        ("40P01", "conflict"),
        ("58030", "files-failing"),
        ("53400", "out-of-resources"),
        ("58P01", "files-failing"),
        ("25006", "read-only"),
    ],
)
def test_a_fault_is_found_by_its_state_else_by_its_class(sqlstate: str, word: str) -> None:
    fault = find_fault(sqlstate)
    assert fault is not None
    assert fault.word == word


@pytest.mark.parametrize("sqlstate", ["", "22021", "23514", "54000", "08006", "57P01", "XX000"])
def test_what_may_be_the_batch_or_may_be_stored_is_no_such_fault(sqlstate: str) -> None:
    assert find_fault(sqlstate) is None


def test_words_are_labels() -> None:
    assert all(word.replace("-", "").isalpha() and word.islower() for word in WORDS)
