"""The picture of a device's timeline is drawn from its notifications."""

from docs.pictures import timeline


def test_the_picture_is_what_the_notifications_say() -> None:
    drawn = timeline.PICTURE.read_text(encoding="utf-8")
    assert timeline.picture(timeline.events()) == drawn, "python docs/pictures/timeline.py draws it"


def test_the_picture_has_a_mark_for_each_event() -> None:
    events = timeline.events()
    drawn = timeline.picture(events)
    # The legend has one mark of each kind.
    assert drawn.count("<circle") == len(events) + 2
