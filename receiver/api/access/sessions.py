"""Sessions of people in a browser: what a cookie holds instead of a token, sealed.

| what ends a session | when |
|---|---|
| its own end, or that of its token | then |
| its token is revoked, or replaced | once the credentials are read again, within seconds |

Every replica reads the sessions of all: the key of the seal comes from the namespace of the
installation, which is secret.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from receiver.errors import TokenExpired, TokenRevoked, TokenUnknown
from receiver.store.credentials.clock import DatabaseClock
from receiver.store.credentials.credentials import Credential, Role
from receiver.store.credentials.names import CLIENT_NAMES

# The key of a request's scope under which the console leaves the session of its caller. No header
# becomes one, so nobody outside this process can.
SESSION = "receiver.session"

# A working day. Whoever comes back the next one signs in again.
LENGTH = timedelta(hours=12)

# What the key of the seal is for; another purpose makes another key of the same secret.
PURPOSE = "device-status-receiver.session"

# Ends the link that has a key, and returns whom it signs in; None: nobody.
Redeem = Callable[[str], Awaitable[Credential | None]]


class Book(Protocol):
    """The credentials made here; see `receiver.store.credentials.book.CredentialBook`."""

    @property
    def clock(self) -> DatabaseClock:
        """The clock of the database."""

    def remembered(self, token_digest: bytes, /) -> Credential | None:
        """Returns the credential of a token if memory knows it for certain."""

    async def find(self, token_digest: bytes, /) -> Credential | None:
        """Returns the credential of a token, after a fresh look if need be."""

    def note_use(self, name: str, now: datetime, /) -> None:
        """Notes that a credential was admitted."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who signed in, and until when.

    Attributes:
        token_digest: of the token, as the credentials have it.
        ends_at: to the second.
        is_in_book: whether the token was made here; else it is an access token, which the session
            stands for until its end.
    """

    name: str
    role: Role
    token_digest: bytes
    ends_at: datetime
    is_in_book: bool


class Sessions:
    """Begins, seals and finds sessions.

    Args:
        book: the credentials made here.
        namespace: the installation's, once storing has begun.
        clock: aware UTC.
        redeem: for links that sign in once.
    """

    def __init__(
        self,
        book: Book,
        namespace: Callable[[], UUID],
        clock: Callable[[], datetime],
        redeem: Redeem,
    ) -> None:
        self._book = book
        self._namespace = namespace
        self._clock = clock
        self._redeem = redeem

    def begin(self, credential: Credential) -> Session:
        """Returns the session of a credential whose token was just shown to be valid."""
        end = self._clock() + LENGTH
        if credential.expires_at is not None:
            end = min(end, credential.expires_at)
        return Session(
            credential.name,
            credential.role,
            credential.token_digest,
            end.replace(microsecond=0),
            not credential.name.startswith(CLIENT_NAMES),
        )

    async def redeem(self, key: str) -> Session | None:
        """Returns the session that a link begins; None: it was used, has expired or never was.

        Raises:
            Unavailable: the database cannot be asked.
        """
        credential = await self._redeem(key)
        return None if credential is None else self.begin(credential)

    def seal(self, session: Session) -> str:
        """Returns the value of a cookie."""
        return str(
            self._serializer().dumps(
                [
                    session.name,
                    session.role,
                    session.token_digest.hex(),
                    int(session.ends_at.timestamp()),
                    session.is_in_book,
                ]
            )
        )

    def unseal(self, sealed: str) -> Session | None:
        """Returns the session of a cookie; None: this installation did not seal it."""
        try:
            name, role, digest, end, is_in_book = self._serializer().loads(sealed)
        except BadData:
            return None
        return Session(
            name, Role(role), bytes.fromhex(digest), datetime.fromtimestamp(end, UTC), is_in_book
        )

    async def find(self, session: Session) -> Credential:
        """Returns the credential of a session that goes on.

        Raises:
            Unauthenticated: it is over.
            Unavailable: the database cannot be asked.
        """
        now = self._clock()
        if now >= session.ends_at:
            raise TokenExpired("The session is over")
        if not session.is_in_book:
            end = session.ends_at
            return Credential(session.name, session.role, session.token_digest, now, end, None)
        credential = await self._book.find(session.token_digest)
        if credential is None:
            raise TokenUnknown("The token of the session is not known any more")
        if credential.revoked_at is not None:
            raise TokenRevoked("The token of the session was revoked")
        if not credential.is_valid(now):
            raise TokenExpired("The token of the session has expired")
        return credential

    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._namespace().bytes,
            salt=PURPOSE,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
