"""How wide words are, and how lengths of time are said."""

from datetime import timedelta

import pytest

from receiver.api.console.device.timeline.shapes import Text, fit, say_length, width_of


def test_words_that_fit_are_whole_and_others_are_cut() -> None:
    assert fit("roaming-1", 200) == "roaming-1"
    cut = fit("subscription-of-a-long-name", 80)
    assert cut.startswith("subscr")
    assert cut.endswith("…")
    assert width_of(cut) <= 80


def test_without_room_there_are_no_words() -> None:
    assert fit("subscription", 10) == ""


def test_letters_of_the_far_east_are_wider() -> None:
    assert width_of("携帯電話") > width_of("abcd")


def test_the_box_of_words_follows_their_anchor() -> None:
    widths = [Text(100, 20, "abc", anchor=anchor).box for anchor in ("start", "middle", "end")]
    assert widths[0][0] == 100
    assert round(widths[1][0] + widths[1][2]) == 200
    assert round(widths[2][2], 6) == 100


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0.4 s"),
        (42.4, "42 s"),
        (60, "1 min"),
        (1361.9, "22 min 42 s"),
        (3600, "1 h"),
        (13_200, "3 h 40 min"),
        (86_400 * 7, "7 d"),
        (86_400 * 2 + 30, "2 d"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert say_length(timedelta(seconds=seconds)) == words
