"""The findings: each with its sentence and its source."""

import pytest

from receiver.events import breaches
from receiver.events.findings import Finding


def test_every_finding_has_a_source_and_the_versions_it_breaks() -> None:
    assert set(Finding) == set(breaches.BREACHES)
    assert all(breach.source and breach.versions for breach in breaches.BREACHES.values())


def test_a_finding_is_explained_in_three_lines() -> None:
    expected = (
        "time-missing\n"
        "  The event had no time; the time of its arrival stands in.\n"
        "  CAMARA, CloudEvent: `time` required (breaks: all)"
    )
    assert expected == breaches.explain(Finding.TIME_MISSING)


# Stored events carry these names, and people filter by them.
@pytest.mark.parametrize(
    "name", ["hybrid-form", "phone-number-without-plus", "draft-form", "subscription-id-missing"]
)
def test_a_name_once_given_stays(name: str) -> None:
    assert name == Finding(name)
