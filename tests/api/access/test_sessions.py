"""Sessions: sealed by the installation, and over with their token."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from receiver.api.access.sessions import LENGTH, Session, Sessions
from receiver.errors import TokenExpired, TokenRevoked, TokenUnknown
from receiver.store.credentials.clock import DatabaseClock
from receiver.store.credentials.credentials import Credential, Role

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NAMESPACE = UUID(int=1)
DIGEST = bytes(range(32))


class FakeBook:
    """One credential, or none."""

    def __init__(self, credential: Credential | None) -> None:
        self.clock = DatabaseClock()
        self.credential = credential

    def remembered(self, _digest: bytes) -> Credential | None:
        return self.credential

    async def find(self, _digest: bytes) -> Credential | None:
        return self.credential

    def note_use(self, _name: str, _now: datetime) -> None:
        raise AssertionError


def make_credential(
    *, expires_at: datetime | None = None, revoked_at: datetime | None = None
) -> Credential:
    return Credential("the-reader", Role.READER, DIGEST, NOW, expires_at, revoked_at)


KEY = "key-of-a-link"


def make_sessions(
    credential: Credential | None, *, now: datetime = NOW, namespace: UUID = NAMESPACE
) -> Sessions:
    async def redeem(key: str) -> Credential | None:
        return credential if key == KEY else None

    return Sessions(FakeBook(credential), lambda: namespace, lambda: now, redeem)


async def test_a_session_finds_its_credential_in_every_process() -> None:
    credential = make_credential()
    sealed = make_sessions(credential).seal(make_sessions(credential).begin(credential))
    session = make_sessions(credential).unseal(sealed)
    assert session == Session("the-reader", Role.READER, DIGEST, NOW + LENGTH, True)
    assert await make_sessions(credential).find(session) == credential


def test_what_another_installation_sealed_or_anybody_changed_is_none() -> None:
    credential = make_credential()
    sessions = make_sessions(credential)
    sealed = sessions.seal(sessions.begin(credential))
    assert make_sessions(credential, namespace=uuid4()).unseal(sealed) is None
    for at in range(len(sealed)):
        changed = "A" if sealed[at] != "A" else "B"
        forged = sealed[:at] + changed + sealed[at + 1 :]
        # The last character of a value in base64 has bits that say nothing.
        assert sessions.unseal(forged) in {None, sessions.unseal(sealed)}
    assert sessions.unseal("") is None
    assert sessions.unseal("a.b.c") is None


def test_a_session_ends_with_its_token() -> None:
    end = NOW + timedelta(hours=1)
    credential = make_credential(expires_at=end)
    assert make_sessions(credential).begin(credential).ends_at == end


@pytest.mark.parametrize(
    ("credential", "later", "error"),
    [
        (make_credential(), LENGTH, TokenExpired),
        (make_credential(revoked_at=NOW), timedelta(0), TokenRevoked),
        (make_credential(expires_at=NOW), timedelta(0), TokenExpired),
        (None, timedelta(0), TokenUnknown),
    ],
)
async def test_a_session_is_over_when_its_token_is(
    credential: Credential | None, later: timedelta, error: type[Exception]
) -> None:
    session = Session("the-reader", Role.READER, DIGEST, NOW + LENGTH, True)
    with pytest.raises(error):
        await make_sessions(credential, now=NOW + later).find(session)


async def test_a_session_of_an_access_token_goes_on_to_its_end() -> None:
    end = NOW + timedelta(minutes=5)
    token = Credential("jwt:client", Role.ADMIN, DIGEST, NOW, end, None)
    session = make_sessions(None).begin(token)
    assert (session.ends_at, session.is_in_book) == (end, False)
    found = await make_sessions(None, now=end - timedelta(seconds=1)).find(session)
    assert (found.name, found.role, found.expires_at) == ("jwt:client", Role.ADMIN, end)
    with pytest.raises(TokenExpired):
        await make_sessions(None, now=end).find(session)


async def test_a_link_begins_the_session_of_its_credential_and_another_key_none() -> None:
    credential = make_credential(expires_at=NOW + timedelta(hours=1))
    sessions = make_sessions(credential)
    assert await sessions.redeem(KEY) == sessions.begin(credential)
    assert await sessions.redeem("another") is None


def test_a_token_that_is_not_in_memory_yet_makes_a_session_that_can_be_revoked() -> None:
    assert make_sessions(None).begin(make_credential()).is_in_book
