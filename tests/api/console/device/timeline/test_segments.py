"""What was when, as lanes: every moment of the window once, and unknown never as a value."""

from datetime import timedelta
from typing import Any

from receiver.api.console.device.timeline.segments import (
    Lane,
    Segment,
    lane_of_connectivity,
    lane_of_countries,
    lane_of_network_types,
    merge_narrow,
)
from tests.support.drawn import NOW, at, intervals, sessions, stay, week

HALF = {"total": {"availableSeconds": 75.0, "unavailableSeconds": 25.0, "unknownSeconds": 900.0}}
NOTHING = {"total": {"availableSeconds": 0.0, "unavailableSeconds": 0.0, "unknownSeconds": 9.0}}


def told(lane: Lane) -> list[tuple[str, str]]:
    return [(one.word, one.style) for one in lane.segments]


def require_end_to_end(lane: Lane) -> None:
    for one, after in zip(lane.segments, lane.segments[1:], strict=False):
        assert one.end == after.start


def test_connectivity_is_words_in_their_tones() -> None:
    page = intervals(
        (0, "never-reported"),
        (5, "CONNECTED_DATA"),
        (50, "NOT_CONNECTED"),
        (60, "CONNECTED_SMS"),
        (70, "subscription-ended"),
        until=168,
    )
    lane = lane_of_connectivity(page, HALF, week())
    assert told(lane) == [
        ("Unknown", "unknown"),
        ("Data", "good"),
        ("Not connected", "bad"),
        ("SMS only", "some"),
        ("Unknown", "unknown"),
    ]
    require_end_to_end(lane)
    assert lane.segments[-1].note == "its subscription ended"
    assert lane.segments[0].is_unknown


def test_availability_is_of_the_time_that_is_known() -> None:
    page = intervals((0, "CONNECTED_DATA"), until=168)
    assert lane_of_connectivity(page, HALF, week()).note == "reachable 75%"
    assert lane_of_connectivity(page, NOTHING, week()).note == ""


def test_what_lasts_ends_now_and_what_is_to_come_is_empty() -> None:
    month = week("month")
    lane = lane_of_network_types(intervals((0, "5G")), month)
    [one] = lane.segments
    assert (one.end, one.lasts) == (NOW, True)
    assert month.end > NOW


def test_a_network_type_of_a_sender_s_own_is_a_value() -> None:
    lane = lane_of_network_types(intervals((0, "5G"), (1, "<b>6G</b>"), (2, "UNKNOWN")), week())
    assert told(lane) == [("5G", "net-5"), ("<b>6G</b>", "plain"), ("Undetermined", "plain")]


def test_countries_fill_the_time_abroad() -> None:
    roaming = intervals((0, False), (10, True), (60, False), until=168)
    abroad = {
        **stay(10, 60),
        "countries": [stay(12, 30, "FR"), stay(30, 50, "ES"), stay(55, 60, countryCode=262)],
    }
    lane = lane_of_countries(roaming, sessions(abroad), week())
    assert [one.word for one in lane.segments] == [
        "Home",
        "Abroad",
        "France",
        "Spain",
        "Abroad",
        "country 262",
        "Home",
    ]
    require_end_to_end(lane)
    assert lane.note == "3 countries abroad"


def test_one_country_is_named_beside_the_lane() -> None:
    roaming = intervals((0, True), until=168)
    lane = lane_of_countries(
        roaming, sessions({**stay(0, 168), "countries": [stay(0, 168, "FR")]}), week()
    )
    assert lane.note == "France"


def test_where_nothing_tells_whether_it_roams_no_country_is_drawn() -> None:
    roaming = intervals((0, True), (20, "subscription-ended"), until=168)
    abroad = {**stay(0, 20), "because": "subscription-ended", "countries": [stay(0, 20, "FR")]}
    lane = lane_of_countries(roaming, sessions(abroad), week())
    assert told(lane)[1:] == [("Unknown", "unknown")]


def test_a_stay_that_lasts_ends_with_its_session() -> None:
    roaming = intervals((0, True))
    abroad: dict[str, Any] = {**stay(0, None), "countries": [stay(3, None, "FR")]}
    lane = lane_of_countries(roaming, sessions(abroad), week())
    assert [(one.word, one.lasts) for one in lane.segments] == [("Abroad", True), ("France", True)]
    require_end_to_end(lane)


def test_what_is_older_than_the_page_is_said_to_be_left_out() -> None:
    page = {**intervals((100, "5G"), until=168), "nextCursor": "more"}
    lane = lane_of_network_types(page, week())
    left_out, drawn = lane.segments
    assert (left_out.start, left_out.end, left_out.style) == (week().start, drawn.start, "many")
    assert "left out" in left_out.note


def test_days_with_too_many_changes_are_told_by_their_shares() -> None:
    page = {**intervals((60, "CONNECTED_DATA"), until=168), "nextCursor": "more"}
    day = {
        "seconds": {"CONNECTED_DATA": 43_200.0, "NOT_CONNECTED": 21_600.0},
        "unknownSeconds": 21_600.0,
    }
    days = [{"day": f"2026-04-{number}", **day} for number in (13, 14, 15, 16)]
    lane = lane_of_connectivity(page, {**HALF, "days": days}, week())
    require_end_to_end(lane)
    *left_out, drawn = lane.segments
    assert [(one.start, one.end) for one in left_out] == [
        (at(0), at(24)),
        (at(24), at(48)),
        (at(48), at(60)),
    ]
    assert drawn.word == "Data"
    assert left_out[0].shares == (("good", 0.5), ("bad", 0.25), ("unknown", 0.25))
    assert left_out[0].note == "that day: Data 50%, Not connected 25%, Unknown 25%"


def test_of_the_time_that_is_left_out_no_country_is_drawn() -> None:
    page = {**intervals((100, True), until=168), "nextCursor": "more"}
    abroad = {**stay(20, 168), "countries": [stay(20, 168, "FR")]}
    lane = lane_of_countries(page, sessions(abroad), week())
    assert [one.word for one in lane.segments] == ["Left out", "France"]
    require_end_to_end(lane)


def test_neighbours_that_cannot_be_seen_become_one() -> None:
    def one(start: float, end: float) -> Segment:
        return Segment(at(start), at(end), "Data", "", "good")

    minute = 1 / 60
    short = [one(1 + number * minute, 1 + (number + 1) * minute) for number in range(5)]
    merged = merge_narrow(
        [one(0, 1), *short, one(1 + 5 * minute, 9)], timedelta(hours=1, seconds=-1)
    )
    assert [(each.word, each.style) for each in merged] == [
        ("Data", "good"),
        ("5 changes", "many"),
        ("Data", "good"),
    ]
    assert (merged[1].start, merged[1].end) == (short[0].start, short[-1].end)


def test_a_short_one_between_long_ones_keeps_its_place() -> None:
    segments = [
        Segment(at(0), at(10), "Data", "", "good"),
        Segment(at(10), at(10.01), "Not connected", "", "bad"),
        Segment(at(10.01), at(20), "Data", "", "good"),
    ]
    assert merge_narrow(segments, timedelta(hours=1)) == segments
