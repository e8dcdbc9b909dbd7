"""The country of a device that roams, as its releases allow it to be told."""

from datetime import UTC, datetime

import pytest

from receiver.api.camara.reading import KnownRoaming
from receiver.api.camara.roaming_status import bound_code, bound_names, list_names
from receiver.projection.fact import Rank
from receiver.projection.status import Point

NOW = datetime(2026, 4, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (("FR",), ["FR"]),
        (("BL", "GF", "GP", "MF", "MQ"), ["BL", "GF", "GP", "MF", "MQ"]),
        # No code: an answer of its own.
        ((), []),
        # Only other names: nothing is known in CAMARA's words.
        (("France",), None),
        (("fr",), None),
        (("France", "FR"), ["FR"]),
        (None, None),
    ],
)
def test_a_name_of_a_country_is_an_alpha_2_code(
    sent: tuple[str, ...] | None, told: list[str] | None
) -> None:
    country = Point(Rank(NOW, 1, b""), "country", 208, sent, "event")
    assert list_names(KnownRoaming(True, country, NOW)) == told


def test_without_a_country_there_is_no_name() -> None:
    assert list_names(KnownRoaming(True, None, NOW)) is None


@pytest.mark.parametrize(
    ("code", "told"), [(99, None), (100, 100), (208, 208), (999, 999), (1000, None), (None, None)]
)
def test_since_1_2_a_code_is_an_mcc(code: int | None, told: int | None) -> None:
    assert bound_code(code) == told


def test_since_1_2_there_are_at_most_five_names() -> None:
    assert bound_names(["AA", "BB", "CC", "DD", "EE", "FF"]) == ["AA", "BB", "CC", "DD", "EE"]
    assert bound_names([]) == []
    assert bound_names(None) is None
