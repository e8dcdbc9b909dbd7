"""The ends of credentials: the states of tokens, and who is warned of which end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.store.credentials.credentials import Credential, Role
from receiver.store.credentials.expiry import (
    EXPIRY_WARNING,
    TokenState,
    find_expiring,
    find_last_tokens,
    find_state,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOON = NOW + timedelta(days=1)
LATER = NOW + EXPIRY_WARNING + timedelta(days=1)
PAST = NOW - timedelta(days=1)


def credential(
    expires_at: datetime | None = None, revoked_at: datetime | None = None
) -> Credential:
    return Credential("operator", Role.SINK, b"digest", NOW, expires_at, revoked_at)


def named(name: str, expires_at: datetime | None) -> Credential:
    return replace(credential(expires_at), name=name)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, TokenState.VALID),
        ({"expires_at": NOW + EXPIRY_WARNING + timedelta(seconds=1)}, TokenState.VALID),
        ({"expires_at": NOW + EXPIRY_WARNING}, TokenState.EXPIRING),
        ({"expires_at": NOW + timedelta(seconds=1)}, TokenState.EXPIRING),
        ({"expires_at": NOW}, TokenState.EXPIRED),
        ({"revoked_at": NOW}, TokenState.REVOKED),
        ({"revoked_at": NOW, "expires_at": NOW}, TokenState.REVOKED),
    ],
)
def test_the_state_follows_the_times(changed: dict[str, datetime], state: TokenState) -> None:
    assert state is find_state(credential(**changed), NOW)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([SOON], [("operator", SOON)]),
        ([LATER], []),
        ([None], []),
        ([PAST], []),
        ([SOON, None], []),
        ([None, SOON], []),
        ([SOON, LATER], []),
        ([PAST, SOON], [("operator", SOON)]),
        ([SOON, SOON - timedelta(hours=1)], [("operator", SOON)]),
    ],
)
def test_a_credential_is_warned_of_by_the_last_of_its_tokens(
    ends: list[datetime | None], expected: list[tuple[str, datetime]]
) -> None:
    assert expected == find_expiring(map(credential, ends), NOW)


def test_no_one_is_warned_of_revoked_credentials_and_trials() -> None:
    gone = credential(SOON, revoked_at=NOW)
    trial = named("doctor.invalid-word-sink", SOON)
    assert find_last_tokens([gone, trial]) == []
    assert find_expiring([gone, trial], NOW) == []


@given(st.permutations([("a", SOON), ("a", LATER), ("b", None), ("b", PAST), ("c", SOON)]))
def test_the_order_of_the_tokens_does_not_matter(
    tokens: list[tuple[str, datetime | None]],
) -> None:
    last = find_last_tokens(named(name, end) for name, end in tokens)
    assert {one.name: one.expires_at for one in last} == {"a": LATER, "b": None, "c": SOON}
    assert len(last) == 3
