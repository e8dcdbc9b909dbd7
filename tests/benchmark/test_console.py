"""The measurement of pages in small."""

from contextlib import closing

import pytest

from benchmark.console import Window, list_places, take_pages
from benchmark.fleet.asking import READER_TOKEN
from tests.support.fleet import FilledFleet


def test_every_page_of_the_fleet_is_opened(filled: FilledFleet) -> None:
    places = {
        title: place
        for title, place in list_places(filled.fleet).items()
        if title.startswith("fleet")
    }
    with closing(Window(filled.running.address, READER_TOKEN)) as window:
        lines = list(take_pages(window, places, 3))
    assert [line.partition(":")[0] for line in lines] == list(places)


def test_a_page_that_is_not_shown_is_an_error(filled: FilledFleet) -> None:
    window = Window(filled.running.address, "no-token")
    with closing(window), pytest.raises(RuntimeError, match="fleet: 303"):
        window.open("fleet")
