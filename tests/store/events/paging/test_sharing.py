"""Questions of one shape share the text of a statement, and each has its own values."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings

from receiver.events.event import Device
from receiver.store.events import summaries
from receiver.store.events.paging.sharing import share, write
from receiver.store.events.selection import Selection
from tests.store.events.paging.test_parameters import SELECTIONS

OF_A_DEVICE = SELECTIONS.filter(lambda selection: selection.is_of_a_device)


@pytest.mark.parametrize(
    "compose",
    [
        summaries.newest_statement,
        summaries.oldest_statement,
        summaries.identifiers_statement,
        summaries.seeded_statement,
        summaries.known_statement,
        summaries.reporting_statement,
        summaries.reporting_seeds_statement,
    ],
)
def test_what_is_shared_with_its_values_is_the_statement_of_the_question(compose: Any) -> None:
    @settings(max_examples=12, deadline=None)
    @given(selection=OF_A_DEVICE)
    def are_the_same(selection: Selection) -> None:
        own_text, own_values = write(compose(selection))
        text, values = share(compose, selection)
        assert text == own_text
        assert {name: values[name] for name in own_values} == own_values

    are_the_same()


def test_questions_of_one_shape_share_a_text() -> None:
    one, other = (Selection(device_id=UUID(int=number)) for number in (1, 2))
    [text, values], [same, others] = (
        share(summaries.known_statement, each) for each in (one, other)
    )
    assert text is same
    assert (values["device_id"], others["device_id"]) == (UUID(int=1), UUID(int=2))
    linked = Selection(device_id=UUID(int=1), linked=(UUID(int=3),))
    by_number = Selection(reported=Device(phone_number="+99999991000"))
    for differs in (linked, by_number):
        assert share(summaries.known_statement, differs)[0] != text
    assert share(summaries.newest_statement, one)[0] != text
