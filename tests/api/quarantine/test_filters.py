"""The filters of the quarantine mean what they say."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from receiver.api.paging import VALUES_MAX
from receiver.api.quarantine.filters import QuarantineFilters
from receiver.store.quarantine.entries import QuarantineSelection, RefusalState


def selected(**filters: Any) -> QuarantineSelection:
    return QuarantineFilters.model_validate(filters).select()


def test_without_filters_everything_is_meant() -> None:
    assert selected() == QuarantineSelection(credentials=[], states=[])


def test_each_filter_narrows_what_is_meant() -> None:
    assert selected(
        credential=["a", "b"],
        state="stored",
        receivedFrom="2026-05-01T00:00:00Z",
        receivedTo="2026-05-02T02:00:00+02:00",
    ) == QuarantineSelection(
        credentials=["a", "b"],
        states=[RefusalState.STORED],
        received_from=datetime(2026, 5, 1, tzinfo=UTC),
        received_to=datetime(2026, 5, 2, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "lost"},
        {"state": ["refused"] * (VALUES_MAX + 1)},
        {"received_from": "2026-05-01T00:00:00Z"},
        {"receivedFrom": "yesterday"},
        {"kind": "roaming"},
    ],
    ids=str,
)
def test_a_wrong_filter_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        selected(**wrong)
