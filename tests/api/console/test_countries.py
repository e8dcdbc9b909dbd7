"""Countries: names, and colours that can be told apart and read upon."""

import re

import pytest

from receiver.api.console.countries import COLOURS, find_country
from receiver.api.console.rendering import ASSETS
from tests.support.contrast import contrast

LIGHT, DARK = "#ffffff", "#182029"


def test_a_code_of_two_letters_is_named_in_words() -> None:
    found = find_country({"countryCode": 208, "countryName": ["FR"]})
    assert found is not None
    assert (found.name, found.label) == ("France", "FR")


def test_a_sender_s_own_name_stays_as_it_is() -> None:
    found = find_country({"countryName": ["Republic of <Somewhere>"]})
    assert found is not None
    assert found.name == found.label == "Republic of <Somewhere>"


def test_a_code_that_stands_for_several_countries_names_them_all() -> None:
    found = find_country({"countryCode": 340, "countryName": ["GP", "MQ"]})
    assert found is not None
    assert found.name == "Guadeloupe, Martinique"


def test_a_number_alone_is_said_as_a_number() -> None:
    found = find_country({"countryCode": 262})
    assert found is not None
    assert (found.name, found.label) == ("country 262", "262")


def test_no_country_is_none() -> None:
    assert find_country({"roaming": True}) is None
    assert find_country({"countryName": []}) is None


def test_the_countries_that_most_people_visit_have_colours_of_their_own() -> None:
    visited = ("FR", "ES", "US", "IT", "TR", "MX", "GB", "DE", "GR", "AT")
    found = [find_country({"countryName": [code]}) for code in visited]
    assert len({country.style for country in found if country is not None}) == COLOURS


@pytest.mark.parametrize("paper", [LIGHT, DARK])
def test_every_colour_stands_out_and_is_a_ground_for_words(paper: str) -> None:
    text = (ASSETS / "countries.css").read_text()
    light, dark = text.split("@media")
    said = light if paper == LIGHT else dark
    colours = re.findall(r"--country-\d: (#\w+);", said)
    [ink] = re.findall(r"--country-ink: (#\w+);", said)
    assert len(colours) == COLOURS
    assert [colour for colour in colours if contrast(colour, ink) < 4.5] == []
    assert [colour for colour in colours if contrast(colour, paper) < 3] == []
