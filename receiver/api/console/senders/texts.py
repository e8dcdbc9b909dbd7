"""Texts of senders as they are written: whole, or with what is missing, and with nothing unseen."""

import unicodedata


def show_marks(text: str) -> str:
    """Returns a text in which characters that nobody sees are written by their numbers.

    A mark that turns the direction would show the rest of a text in another order than it has.
    """
    return "".join(
        f"⟨U+{ord(one):04X}⟩" if unicodedata.category(one) == "Cf" else one for one in text
    )


def shorten(text: str, length: int) -> str:
    """Returns a text, or its beginning and how much is missing."""
    if len(text) <= length:
        return text
    return f"{text[:length]}… {len(text) - length:,} more characters"
