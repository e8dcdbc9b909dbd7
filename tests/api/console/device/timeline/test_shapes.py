"""How wide words are, and how lengths of time are said."""

from receiver.api.console.device.timeline.shapes import Text, fit, width_of


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
