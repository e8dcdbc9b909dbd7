"""The findings: each with its sentence and its source, and the page that lists them is current."""

import pytest

from receiver.events import breaches
from receiver.events.findings import Finding
from tests.support.paths import DOCS

PAGE = DOCS / "findings.md"


def test_every_finding_has_a_source_and_the_versions_it_breaks() -> None:
    assert set(Finding) == set(breaches.BREACHES)
    assert all(breach.source and breach.versions for breach in breaches.BREACHES.values())


def test_the_page_of_findings_is_current() -> None:
    assert breaches.page() == PAGE.read_text()


def test_the_page_is_a_table_of_four_columns_with_one_row_for_each_finding() -> None:
    head, line, *rows = [row for row in breaches.page().splitlines() if row.startswith("|")]
    assert {row.count("|") for row in (head, line, *rows)} == {5}
    assert sorted(Finding) == [row.split("`")[1] for row in rows]


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
