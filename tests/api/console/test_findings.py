"""Findings in words."""

import pytest

from receiver.api.console.findings import explain, join, split_code
from receiver.events.findings import Finding


@pytest.mark.parametrize("finding", Finding)
def test_every_finding_is_explained(finding: Finding) -> None:
    explanation = explain(finding)
    assert explanation is not None
    for parts in (explanation.sentence, explanation.rule, explanation.versions):
        assert join(parts)
        assert "`" not in join(parts)


def test_another_name_is_of_no_finding() -> None:
    assert explain("nonsense") is None


def test_names_between_backquotes_are_code() -> None:
    parts = split_code("`a` and `b`.")
    assert [(part.text, part.is_code) for part in parts] == [
        ("a", True),
        (" and ", False),
        ("b", True),
        (".", False),
    ]
