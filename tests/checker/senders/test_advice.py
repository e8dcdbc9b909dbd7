"""What to send instead: a word for each finding, and how many versions forbid it."""

import pytest

from receiver.checker.senders.advice import (
    EVERY_VERSION,
    INSTEAD,
    NO_VERSION,
    SOME_VERSIONS,
    find_level,
)
from receiver.events.findings import Finding


def test_every_finding_has_its_advice() -> None:
    assert list(INSTEAD) == list(Finding)


@pytest.mark.parametrize(
    ("finding", "level"),
    [
        (Finding.PHONE_NUMBER_NOT_A_STRING, EVERY_VERSION),
        (Finding.DRAFT_FORM, EVERY_VERSION),
        (Finding.PHONE_NUMBER_WITHOUT_PLUS, SOME_VERSIONS),
        (Finding.COUNTRY_MISSING, SOME_VERSIONS),
        (Finding.TIME_TOO_PRECISE, NO_VERSION),
    ],
)
def test_a_level_says_how_many_versions_forbid_it(finding: Finding, level: str) -> None:
    assert find_level(finding) == level
