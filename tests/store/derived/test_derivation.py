"""The parts of the statement that come from the words of the events."""

from receiver.events.axes import NAMES, SPECIFICITIES
from receiver.events.registry import list_synonyms
from receiver.store.derived.derivation import SPECIFICITY, derive, select_events


def test_every_name_and_its_synonyms_have_a_bit_in_the_statement() -> None:
    statement = derive(["true"])
    for bit, name in enumerate(NAMES):
        for synonym in list_synonyms(name):
            assert f"WHEN '{synonym}' THEN {1 << bit}\n" in statement


def test_every_specific_name_has_its_rank() -> None:
    for name, specificity in SPECIFICITIES.items():
        assert f"WHEN '{name}' THEN {specificity}" in SPECIFICITY


def test_each_condition_is_a_question_of_its_own_for_an_index() -> None:
    selected = select_events("seq", ["stored_at > now()", "seq = 1"], "device_id IS NOT NULL")
    assert selected.count("SELECT seq FROM event") == 2
    assert selected.count("AND device_id IS NOT NULL") == 2
    assert "UNION ALL" in selected
