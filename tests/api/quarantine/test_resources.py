"""Rows of the quarantine as JSON: bytes that come back whole, and a reason while there is one."""

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.api.answers.resource import Resource
from receiver.api.quarantine.resources import (
    RefusedNotificationResource,
    RefusedNotificationWithBody,
    ReprocessingOutcome,
)
from receiver.store.quarantine.entries import QuarantineEntry, RefusalState, RefusedBody
from receiver.store.quarantine.keys import read_quarantine_id

RECEIVED_AT = datetime(2026, 5, 1, 10, tzinfo=UTC)
REPROCESSED_AT = datetime(2026, 5, 2, 10, tzinfo=UTC)


def row(
    state: RefusalState = RefusalState.REFUSED, reprocessed_at: datetime | None = None
) -> QuarantineEntry:
    return QuarantineEntry(
        key=7,
        received_at=RECEIVED_AT,
        credential="operator-prod",
        reason="not JSON",
        media_type=None,
        size_bytes=3,
        state=state,
        reprocessed_at=reprocessed_at,
    )


def kept(body: bytes) -> RefusedBody:
    return RefusedBody(RECEIVED_AT, "operator-prod", {"x-tenant": "t"}, body, UUID(int=1), False)


def written(resource: Resource) -> dict[str, Any]:
    return resource.model_dump(mode="json", by_alias=True, exclude_none=True)


def test_a_row_is_shown_with_what_is_known_of_it() -> None:
    shown = written(RefusedNotificationResource.of(row()))
    assert read_quarantine_id(shown.pop("id")) == 7
    assert shown == {
        "receivedAt": "2026-05-01T10:00:00.000000Z",
        "credential": "operator-prod",
        "reason": "not JSON",
        "sizeBytes": 3,
        "state": "refused",
    }


@given(st.binary())
def test_a_body_comes_back_whole_whatever_its_bytes_are(body: bytes) -> None:
    shown = written(RefusedNotificationWithBody.of_row_and_body(row(), kept(body)))
    text = shown["body"]
    read = text.encode() if shown["bodyEncoding"] == "utf-8" else base64.b64decode(text)
    assert read == body


def test_a_row_with_its_body_shows_the_row_and_the_headers_too() -> None:
    shown = written(RefusedNotificationWithBody.of_row_and_body(row(), kept(b"{")))
    assert shown.items() >= written(RefusedNotificationResource.of(row())).items()
    assert shown["headers"] == {"x-tenant": "t"}


@pytest.mark.parametrize(
    ("state", "reason"), [(RefusalState.REFUSED, {"reason": "not JSON"}), (RefusalState.STORED, {})]
)
def test_an_outcome_has_a_reason_only_while_it_is_a_refusal(
    state: RefusalState, reason: dict[str, str]
) -> None:
    shown = written(ReprocessingOutcome.of(row(state, REPROCESSED_AT)))
    assert read_quarantine_id(shown.pop("id")) == 7
    assert shown == {
        "state": str(state),
        "reprocessedAt": "2026-05-02T10:00:00.000000Z",
        **reason,
    }
