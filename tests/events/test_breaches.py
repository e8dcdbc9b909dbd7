"""The rule that each finding breaks, and how a finding is explained."""

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
