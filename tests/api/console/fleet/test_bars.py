"""The counts of the fleet as bars."""

from itertools import pairwise
from typing import Any

import pytest

from receiver.api.console.fleet.bars import (
    COUNTRIES_SHOWN,
    LEAST_WIDTH,
    WHOLE,
    draw_connectivity,
    draw_countries,
    draw_network_types,
    list_elsewhere,
)
from receiver.api.questions.summary.resources import SUMMARY


def summarize(**changed: Any) -> dict[str, Any]:
    return {**SUMMARY, **changed}


def located(*countries: tuple[int | None, list[str] | None, int], unknown: int = 0) -> Any:
    """Returns the counts of countries by code, names and devices."""
    values = []
    for code, names, devices in countries:
        told = {"countryCode": code, "countryName": names, "devices": devices}
        values.append({name: value for name, value in told.items() if value is not None})
    return summarize(country={"values": values, "unknown": unknown})


def test_the_parts_of_connectivity_lie_end_to_end_with_unknown_last() -> None:
    parts = draw_connectivity(SUMMARY)
    assert [(part.word, part.style, part.devices) for part in parts] == [
        ("Data", "good", 126),
        ("SMS only", "some", 32),
        ("Not connected", "bad", 35),
        ("Unknown", "unknown", 108),
    ]
    for part, following in pairwise(parts):
        assert part.x + part.width == pytest.approx(following.x)
    assert parts[-1].x + parts[-1].width == pytest.approx(WHOLE)
    assert parts[-1].place == "fleet?unknown=connectivity#devices"


def test_one_device_of_many_is_seen() -> None:
    values = [
        {"value": "CONNECTED_DATA", "devices": 199_999},
        {"value": "NOT_CONNECTED", "devices": 1},
    ]
    parts = draw_connectivity(summarize(connectivity={"values": values, "unknown": 0}))
    assert parts[-1].width == pytest.approx(LEAST_WIDTH, rel=0.01)
    assert sum(part.width for part in parts) == pytest.approx(WHOLE)


def test_no_device_makes_no_part() -> None:
    nothing = {"values": [], "unknown": 0}
    empty = summarize(connectivity=nothing, networkType=nothing, country=nothing)
    assert draw_connectivity(empty) == draw_network_types(empty) == draw_countries(empty) == []
    assert list_elsewhere(empty) == []


def test_network_types_go_from_the_newest_generation_on() -> None:
    words = ["3G", "UNKNOWN", "10G", "5G", "a word", "²G"]
    values = [{"value": word, "devices": 1} for word in words]
    parts = draw_network_types(summarize(networkType={"values": values, "unknown": 2, "others": 3}))
    assert [part.word for part in parts] == [
        *("10G", "5G", "3G", "Undetermined", "a word", "²G", "Others", "Unknown")
    ]
    assert parts[0].place == "fleet?networkType=10G#devices"
    assert parts[-2].place is None


def test_a_country_told_in_several_ways_is_one_bar_with_the_devices_of_its_filter() -> None:
    counts = located(
        (208, ["FR"], 7),
        (None, ["FR"], 5),
        (340, ["BL", "MF"], 4),
        (340, ["MF"], 2),
        (262, None, 3),
        (None, ["Ruritania"], 1),
    )
    bars = {part.word: (part.devices, part.place) for part in draw_countries(counts)}
    assert bars == {
        "France": (12, "fleet?country=FR#devices"),
        "St. Barthélemy, St. Martin": (4, "fleet?country=BL#devices"),
        "St. Martin": (6, "fleet?country=MF#devices"),
        "country 262": (3, "fleet?country=262#devices"),
        "Ruritania": (1, None),
    }


def test_only_the_first_ten_countries_have_a_bar() -> None:
    names = [f"{letter}X" for letter in "ABCDEFGHIJKLM"]
    counts = located(*((None, [name], 20 - n) for n, name in enumerate(names)), unknown=9)
    counts["country"]["others"] = 4
    parts = draw_countries(counts)
    assert [part.devices for part in parts] == list(range(20, 20 - COUNTRIES_SHOWN, -1))
    assert parts[0].width == WHOLE
    assert parts[-1].width == pytest.approx(11 / 20 * WHOLE)
    others, unknown = list_elsewhere(counts)
    assert (others.word, others.devices, others.place) == ("Other countries", 31, None)
    assert (unknown.style, unknown.devices) == ("unknown", 9)
    assert unknown.place == "fleet?unknown=country#devices"
