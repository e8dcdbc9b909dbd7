"""Each format has a line of its own, written once for all exports."""

from receiver.store.exports.formats import Format, event_line_of


def test_each_format_has_a_line_of_its_own() -> None:
    assert len({str(event_line_of(format_)) for format_ in Format}) == len(Format)


def test_the_line_of_a_format_is_composed_once() -> None:
    assert event_line_of(Format.CSV) is event_line_of(Format.CSV)
