"""The values of an answer."""

from datetime import UTC, datetime

from receiver.store.senders.sent import Window


def test_equal_windows_are_one_question() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    assert len({Window(start, None, 3600), Window(start, None, 3600)}) == 1
