"""The filters of the table of the fleet."""

from receiver.api.console.fleet.filters import read_filters, write_place


def test_fields_that_were_left_empty_filter_nothing() -> None:
    filters = read_filters([("country", ""), ("roaming", " true "), ("lastEventTo", "")])
    assert (filters.pairs, filters.cursor) == ([("roaming", "true")], None)
    assert filters.place == "fleet?roaming=true#devices"


def test_a_moment_of_a_field_is_one_in_utc() -> None:
    filters = read_filters(
        [("lastEventFrom", "2026-04-17T09:12"), ("lastEventTo", "2026-04-17T09:12:40")]
    )
    assert filters.pairs == [
        ("lastEventFrom", "2026-04-17T09:12:00Z"),
        ("lastEventTo", "2026-04-17T09:12:40Z"),
    ]
    assert filters.first("lastEventTo") == "2026-04-17T09:12"
    assert filters.first("country") == ""


def test_a_page_keeps_its_filters() -> None:
    filters = read_filters([("country", "FR"), ("country", "DE"), ("cursor", "abc")])
    assert filters.cursor == "abc"
    assert filters.turn("def") == "fleet?country=FR&country=DE&cursor=def#devices"
    assert write_place([]) == "fleet#devices"
