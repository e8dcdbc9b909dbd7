"""The filters of the ledger, as they are asked."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from receiver.api.subscriptions.filters import LedgerFilters, RegisterSubscription
from receiver.projection.subscriptions.forecast import State
from receiver.store.subscriptions.questions import LedgerSelection


def test_filters_mean_a_selection() -> None:
    asked = LedgerFilters.model_validate(
        {
            "state": "overdue",
            "credential": ["a", "b"],
            "subscriptionId": "s-1",
            "deviceId": str(UUID(int=7)),
            "endsBefore": "2026-05-01T00:00:00Z",
        }
    )
    assert asked.select() == LedgerSelection(
        [State.OVERDUE], ["a", "b"], ["s-1"], UUID(int=7), datetime(2026, 5, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    "asked",
    [{"state": "dead"}, {"limit": 101}, {"deviceId": "x"}, {"endsBefore": "soon"}, {"stat": "x"}],
)
def test_what_means_nothing_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LedgerFilters.model_validate(asked)


@pytest.mark.parametrize(
    "told",
    [{}, {"credential": "a"}, {"credential": "", "subscription": {}}, {"subscription": "s-1"}],
)
def test_a_registration_has_a_credential_and_an_answer(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RegisterSubscription.model_validate(told)
