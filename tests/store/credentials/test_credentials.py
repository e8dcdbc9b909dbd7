"""Credentials are made, rotated, listed and revoked, each name and token once."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.errors import ConfigurationError
from receiver.store.credentials.credentials import (
    Credential,
    Role,
    create_credential,
    list_credentials,
    revoke_credential,
    rotate_credential,
    token_digest,
)

DIGEST = b"\1" * 32
SECOND = b"\2" * 32
NOW = datetime.now(UTC)
TOMORROW = NOW + timedelta(days=1)


def test_a_credential_is_listed_as_it_was_created(conninfo: str) -> None:
    create_credential(
        conninfo, "operator", Role.SINK, DIGEST, TOMORROW, types=["*.roaming-*"], sources=["/a/*"]
    )
    [listed] = list_credentials(conninfo)
    assert (listed.name, listed.role, listed.token_digest) == ("operator", Role.SINK, DIGEST)
    assert (listed.expires_at, listed.revoked_at, listed.last_used_at) == (TOMORROW, None, None)
    assert (listed.types, listed.sources) == (("*.roaming-*",), ("/a/*",))
    assert listed.is_valid(TOMORROW - timedelta(seconds=1))
    assert not listed.is_valid(TOMORROW)


@pytest.mark.parametrize(
    ("name", "digest", "used"), [("operator", SECOND, "name"), ("other", DIGEST, "token")]
)
def test_neither_names_nor_tokens_are_used_again(
    conninfo: str, name: str, digest: bytes, used: str
) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    revoke_credential(conninfo, "operator")
    with pytest.raises(ConfigurationError, match=f"this {used} was used before"):
        create_credential(conninfo, name, Role.READER, digest, None)


def test_revoking_twice_keeps_the_first_time_and_a_stranger_is_an_error(conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    revoke_credential(conninfo, "operator")
    [first] = list_credentials(conninfo)
    revoke_credential(conninfo, "operator")
    assert list_credentials(conninfo) == [first]
    with pytest.raises(ConfigurationError, match="no credential of this name"):
        revoke_credential(conninfo, "nobody")


def test_rotating_lets_the_old_token_end_with_the_overlap_and_no_later(conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    rotate_credential(conninfo, "operator", SECOND, None, overlap=timedelta(hours=2))
    rotate_credential(conninfo, "operator", b"\3" * 32, TOMORROW, overlap=timedelta(hours=5))
    first, second, third = list_credentials(conninfo)
    assert first.expires_at is not None
    assert second.expires_at is not None
    assert first.expires_at - first.created_at < timedelta(hours=2, minutes=1)
    assert timedelta(hours=4) < second.expires_at - second.created_at < timedelta(hours=6)
    assert third.expires_at == TOMORROW


def test_only_a_living_credential_is_rotated(conninfo: str) -> None:
    create_credential(conninfo, "operator", Role.SINK, DIGEST, None)
    with pytest.raises(ConfigurationError, match="this token was used before"):
        rotate_credential(conninfo, "operator", DIGEST, None, overlap=timedelta(hours=1))
    revoke_credential(conninfo, "operator")
    for name in ("operator", "nobody"):
        with pytest.raises(ConfigurationError, match="no unrevoked credential"):
            rotate_credential(conninfo, name, SECOND, None, overlap=timedelta(hours=1))


@pytest.mark.parametrize(
    ("types", "sources", "type_", "source", "allowed"),
    [
        ((), (), "any.type", None, True),
        (("*.roaming-*", "*.subscription-*"), (), "a.b.roaming-on", None, True),
        (("*.roaming-*",), (), "a.b.connectivity-data", "x", False),
        (("*.Roaming-*",), (), "a.b.roaming-on", "x", False),
        ((), ("https://operator.example/*",), "t", "https://operator.example/subs/1", True),
        ((), ("https://operator.example/*",), "t", "https://other.example/subs/1", False),
        ((), ("*",), "ROAMING_STATUS", None, False),
        (("a.*",), ("s",), "a.b", "s", True),
        (("a.*",), ("s",), "a.b", "t", False),
    ],
)
def test_patterns_say_what_a_credential_may_send(
    types: tuple[str, ...], sources: tuple[str, ...], type_: str, source: str | None, allowed: bool
) -> None:
    credential = Credential("n", Role.SINK, DIGEST, NOW, None, None, types, sources)
    assert credential.may_send(type_, source) is allowed


@pytest.mark.parametrize("name", ["jwt:client", "+99999991000", "jan@client.example"])
def test_a_name_that_is_not_made_of_plain_words_is_never_stored(conninfo: str, name: str) -> None:
    with pytest.raises(ConfigurationError, match="must be plain words"):
        create_credential(conninfo, name, Role.SINK, DIGEST, None)
    assert list_credentials(conninfo) == []


def test_a_digest_is_the_sha256_of_the_token() -> None:
    assert token_digest("dsr_é").hex() == (
        "182da4d024996548823b3385bec90351fbdc162da7c8f12f05fef05a0f45e626"
    )
