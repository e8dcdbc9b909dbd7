"""The values of an answer."""

from datetime import UTC, datetime

from receiver.store.senders.sent import SendersSelection


def test_equal_windows_are_one_question() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    assert len({SendersSelection(start, None, 3600), SendersSelection(start, None, 3600)}) == 1
