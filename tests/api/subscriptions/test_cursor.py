"""A cursor carries the key at which a page ended, and belongs to its question."""

import pytest

from receiver.api.subscriptions.cursor import KeyCursor
from receiver.errors import InvalidArgument

KEYS = [("operator-prod", "s-1"), ("a", ""), ("jwt:über", "x" * 256), ("b", "\N{SNOWMAN}")]


@pytest.mark.parametrize("key", KEYS)
def test_a_cursor_leads_back_to_its_key(key: tuple[str, str]) -> None:
    cursor = KeyCursor("filters", "asc")
    assert cursor.read(cursor.write(key)) == key
    with pytest.raises(InvalidArgument, match="belongs to other filters"):
        KeyCursor("filters", "desc").read(cursor.write(key))


def test_no_cursor_is_no_key() -> None:
    assert KeyCursor().read(None) is None


@pytest.mark.parametrize("word", ["", "x", "AAAA", "A" * 40, "%", "\N{SNOWMAN}" * 20, "A" * 11])
def test_what_is_no_cursor_is_refused(word: str) -> None:
    with pytest.raises(InvalidArgument, match="not a cursor"):
        KeyCursor().read(word)
