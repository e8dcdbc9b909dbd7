"""The rules of credentials: tokens and limits that are refused."""

import pytest

from receiver.errors import ConfigurationError
from receiver.store.credentials.credentials import Role
from receiver.store.credentials.rules import (
    TOKEN_LENGTH_MIN,
    make_token,
    require_usable_limits,
    require_usable_token,
)


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
