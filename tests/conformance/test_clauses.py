"""The clauses: each is asked for by a case, and every case of a level has one."""

from datetime import UTC, datetime

from receiver.conformance import clauses
from receiver.conformance.clauses import Clause, Level
from receiver.conformance.run import list_cases

CASES = list_cases("run", datetime(2026, 3, 4, tzinfo=UTC))
ALL = {value for value in vars(clauses).values() if isinstance(value, Clause)}


def test_every_clause_is_asked_for_by_a_case() -> None:
    assert {case.clause for case in CASES if case.clause is not None} == ALL


def test_what_no_clause_asks_for_is_information_or_may_be() -> None:
    without = {case.level for case in CASES if case.clause is None}
    assert without == {Level.INFORMATION, Level.MAY}


def test_a_clause_names_its_document_with_a_version_and_quotes_it() -> None:
    for document, section, words in ALL:
        assert any(character.isdigit() for character in document), document
        assert section
        assert words


def test_the_webhook_document_which_camara_only_points_to_is_no_must() -> None:
    levels = {
        case.level
        for case in CASES
        if case.clause is not None and "webhook" in case.clause.document
    }
    assert levels == {Level.SHOULD}
