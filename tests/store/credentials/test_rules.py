"""The rules of credentials: tokens and limits that are refused, and the states."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.errors import ConfigurationError
from receiver.store.credentials.credentials import EXPIRY_WARNING, Credential, Role
from receiver.store.credentials.rules import (
    TOKEN_LENGTH_MIN,
    CredentialState,
    find_state,
    make_token,
    require_usable_limits,
    require_usable_token,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def credential(
    expires_at: datetime | None = None, revoked_at: datetime | None = None
) -> Credential:
    return Credential("operator", Role.SINK, b"digest", NOW, expires_at, revoked_at)


def test_a_token_is_long_and_usable_and_another_each_time() -> None:
    tokens = {make_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        assert token.startswith("dsr_")
        assert len(token) >= 47
        require_usable_token(token)


@pytest.mark.parametrize(
    "token", ["", "x" * (TOKEN_LENGTH_MIN - 1), "ä" * TOKEN_LENGTH_MIN, "x\n" * TOKEN_LENGTH_MIN]
)
def test_a_token_that_is_short_or_fits_no_header_is_refused_without_being_repeated(
    token: str,
) -> None:
    with pytest.raises(ConfigurationError, match="at least 20") as refused:
        require_usable_token(token)
    assert token == "" or token not in str(refused.value)


def test_only_a_sink_has_limits_on_what_it_sends() -> None:
    require_usable_limits(Role.SINK, ["a.*"], [])
    require_usable_limits(Role.READER, [], [])
    for types, sources in ((["a.*"], []), ([], ["//a"])):
        with pytest.raises(ConfigurationError, match="the role sink"):
            require_usable_limits(Role.ADMIN, types, sources)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, CredentialState.VALID),
        ({"expires_at": NOW + EXPIRY_WARNING + timedelta(seconds=1)}, CredentialState.VALID),
        ({"expires_at": NOW + EXPIRY_WARNING}, CredentialState.EXPIRING),
        ({"expires_at": NOW + timedelta(seconds=1)}, CredentialState.EXPIRING),
        ({"expires_at": NOW}, CredentialState.EXPIRED),
        ({"revoked_at": NOW}, CredentialState.REVOKED),
        ({"revoked_at": NOW, "expires_at": NOW}, CredentialState.REVOKED),
    ],
)
def test_the_state_follows_the_times(changed: dict[str, datetime], state: CredentialState) -> None:
    assert state is find_state(credential(**changed), NOW)
