"""Texts of senders, with nothing unseen."""

from receiver.api.console.senders.texts import shorten, show_marks


def test_marks_that_turn_or_hide_a_text_are_written_by_their_numbers() -> None:
    assert show_marks("a\u202eb\u200b\ufeff") == "a⟨U+202E⟩b⟨U+200B⟩⟨U+FEFF⟩"


def test_letters_of_any_script_stay() -> None:
    text = "Zürich שלום 日本\n\t{}"
    assert show_marks(text) == text


def test_a_long_text_says_how_much_is_missing() -> None:
    assert shorten("x" * 5, 5) == "xxxxx"
    assert shorten("x" * 1205, 5) == "xxxxx… 1,200 more characters"
