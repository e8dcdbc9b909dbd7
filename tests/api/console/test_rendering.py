"""Links, and times as people read them."""

from datetime import UTC, datetime

import pytest
from fastapi import Request

from receiver.api.console.rendering import ago, linking, moment


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/console", "console/live"),
        ("/console/", "live"),
        ("/console/fleet", "live"),
        ("/console/devices/4711", "../live"),
        ("/console/devices/4711/events/1", "../../../live"),
        ("/below/console/devices/4711", "../live"),
    ],
)
def test_a_link_is_relative_to_its_page(path: str, link: str) -> None:
    scope = {"type": "http", "path": path, "headers": [], "query_string": b"", "server": ("a", 1)}
    assert linking(Request(scope))("live") == link


def test_times_are_read_to_the_second() -> None:
    assert moment("2026-11-26T07:31:01.416474Z") == "2026-11-26 07:31:01"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-11-26T11:59:30Z", "30 s"),
        ("2026-11-26T11:30:00Z", "30 min"),
        ("2026-11-26T02:00:00Z", "10 h"),
        ("2026-11-19T12:00:00Z", "7 d"),
    ],
)
def test_how_long_ago_is_said_in_the_largest_unit(text: str, words: str) -> None:
    assert ago(text, datetime(2026, 11, 26, 12, tzinfo=UTC)) == words
