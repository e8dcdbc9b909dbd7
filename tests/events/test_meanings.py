"""What each finding means: one sentence each, and no two alike."""

from receiver.events.findings import Finding
from receiver.events.meanings import MEANINGS


def test_every_finding_says_what_it_means() -> None:
    assert set(Finding) == set(MEANINGS)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())
    assert len(Finding) == len(set(MEANINGS.values()))
