"""Where moments lie."""

from receiver.api.console.device.timeline.canvas import DESK, DESK_NOW, PHONE, Canvas
from tests.support.drawn import week


def test_the_window_fills_the_axis() -> None:
    for geometry in (DESK, DESK_NOW, PHONE):
        canvas = Canvas(geometry, week())
        assert canvas.place(week().start) == geometry.left
        assert canvas.place(week().end) == geometry.width - geometry.right == canvas.right


def test_words_of_a_lane_stand_before_it_or_above_it() -> None:
    desk, phone = Canvas(DESK, week()), Canvas(PHONE, week())
    for canvas in (desk, phone):
        canvas.begin_lane("Connectivity", "reachable 82%", 26)
    assert [text.words for text in desk.texts] == ["Connectivity", "reachable 82%"]
    assert [text.words for text in phone.texts] == ["Connectivity: reachable 82%"]
    assert phone.height > desk.height


def test_words_that_are_too_long_are_cut() -> None:
    canvas = Canvas(DESK, week())
    canvas.begin_lane("Country", "Saint Helena, Ascension and Tristan da Cunha", 26)
    assert all(text.box[2] <= DESK.left for text in canvas.texts)
