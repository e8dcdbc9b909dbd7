"""Links into the console: whom they sign in, and what is stored of them."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver.errors import ConfigurationError
from receiver.store.credentials.credentials import (
    Credential,
    Role,
    create_credential,
    revoke_credential,
)
from receiver.store.credentials.links import LIFETIME, choose, key_digest, make_link
from tests.support.ageing import execute
from tests.support.store.database import column

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def make(name: str, role: Role, **attributes: datetime | None) -> Credential:
    times: dict[str, datetime | None] = {"expires_at": None, "revoked_at": None, **attributes}
    return Credential(name, role, b"", NOW, **times)  # type: ignore[arg-type]


SINK = make("the-sink", Role.SINK)
READER, OTHER = make("the-reader", Role.READER), make("another-reader", Role.READER)
REGISTRAR, ADMIN = make("the-registrar", Role.REGISTRAR), make("the-admin", Role.ADMIN)
REVOKED = make("revoked", Role.READER, revoked_at=NOW)
EXPIRED = make("expired", Role.READER, expires_at=NOW)
TRIAL = make("doctor.invalid-1", Role.READER)


@pytest.mark.parametrize(
    ("known", "chosen"),
    [
        ([SINK, ADMIN, REGISTRAR, READER, OTHER], READER),
        ([ADMIN, REGISTRAR], REGISTRAR),
        ([REVOKED, EXPIRED, TRIAL, ADMIN], ADMIN),
    ],
)
def test_the_oldest_valid_one_of_the_least_role_is_signed_in(
    known: list[Credential], chosen: Credential
) -> None:
    assert choose(known, None, NOW) is chosen


def test_a_name_decides_whatever_its_role() -> None:
    assert choose([READER, ADMIN], "the-admin", NOW) is ADMIN


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (None, "make one: receiver credential create NAME --role reader"),
        ("nobody", "no credential of this name"),
        ("the-sink", "name one that reads"),
        ("revoked", "was revoked"),
        ("expired", "have expired"),
        ("doctor.invalid-1", "name one that reads"),
    ],
)
def test_whoever_may_not_look_gets_no_link(name: str | None, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        choose([SINK, REVOKED, EXPIRED, TRIAL], name, NOW)


def test_only_the_digest_of_a_key_is_stored_until_its_end(conninfo: str) -> None:
    create_credential(conninfo, "the-reader", Role.READER, b"\1", None)
    made = make_link(conninfo)
    assert made.credential.name == "the-reader"
    assert len(made.key) == 43
    assert column(conninfo, "SELECT encode(key_digest, 'hex') FROM console_link") == [
        key_digest(made.key).hex()
    ]
    assert column(conninfo, "SELECT expires_at - made_at FROM console_link") == [str(LIFETIME)]


def test_expired_links_go_when_a_new_one_is_made(conninfo: str) -> None:
    create_credential(conninfo, "the-reader", Role.READER, b"\1", None)
    make_link(conninfo)
    execute(conninfo, "UPDATE console_link SET expires_at = now()")
    kept = [key_digest(make_link(conninfo).key).hex() for _ in range(2)]
    stored = column(conninfo, "SELECT encode(key_digest, 'hex') FROM console_link")
    assert sorted(stored) == sorted(kept)


def test_a_revoked_credential_gets_no_link(conninfo: str) -> None:
    create_credential(conninfo, "the-reader", Role.READER, b"\1", None)
    revoke_credential(conninfo, "the-reader")
    with pytest.raises(ConfigurationError):
        make_link(conninfo)
    assert timedelta(minutes=5) == LIFETIME
