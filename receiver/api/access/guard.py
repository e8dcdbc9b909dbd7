"""Bearer tokens: who calls, and whether the role allows it; refused only on a definite mismatch."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from fastapi import Request
from fastapi.security import HTTPBearer
from starlette.types import Scope

from receiver.errors import (
    PermissionDenied,
    RateExceeded,
    TokenExpired,
    TokenMissing,
    TokenRevoked,
    TokenUnknown,
    Unauthenticated,
)
from receiver.store.credentials.credentials import Credential, Role, token_digest

RecallCredential = Callable[[bytes], Credential | None]
FindCredential = Callable[[bytes], Awaitable[Credential | None]]
FindAccessToken = Callable[[str, bytes, frozenset[Role]], Awaitable[Credential | None]]
NoteUse = Callable[[str, datetime], None]
Clock = Callable[[], datetime]
NoteFailure = Callable[[Scope], None]
CountRequest = Callable[[str], None]

SINK = frozenset({Role.SINK})
READER = frozenset({Role.READER, Role.ADMIN})
ADMIN = frozenset({Role.ADMIN})

BEARER_PREFIX = "Bearer "

# Only describes the scheme in the OpenAPI; `Guard` decides.
BEARER = HTTPBearer(
    auto_error=False,
    description="A token from `receiver credential create`, or an access token (a JWT) of the "
    "authorization server that is configured.",
)


class Guard:
    """Decides on a request before its body is read.

    Args:
        recall: the credential of a token's digest if memory knows it for certain, as
            `CredentialBook.remembered` gives it.
        find: the credential of a token's digest, as `CredentialBook.find` gives it.
        note_use: told of every admission.
        grace: how long an expired token is admitted all the same: a 401 can make an operator end
            the subscription for good.
        note_failure: told of every failed authentication; may raise in place of its error.
        count_sent: takes the name of a credential that is about to send; raises if it may not
            now. None: it always may.
        find_access_token: where access tokens are taken, asked in place of `find` with the token,
            its digest and the roles that would do.
    """

    def __init__(
        self,
        recall: RecallCredential,
        find: FindCredential,
        note_use: NoteUse,
        clock: Clock,
        *,
        grace: timedelta,
        note_failure: NoteFailure,
        count_sent: CountRequest | None = None,
        find_access_token: FindAccessToken | None = None,
    ) -> None:
        self._recall = recall
        self._find = find
        self._note_use = note_use
        self._clock = clock
        self._grace = grace
        self._note_failure = note_failure
        self._count_sent = count_sent
        self._find_access_token = find_access_token
        self._log = structlog.get_logger(__name__)

    def known(
        self, authorization: str | None, roles: frozenset[Role], now: datetime
    ) -> Credential | None:
        """The credential of the call if memory alone admits it; None: `admit` is to decide.

        Raises:
            RateExceeded: the token is good and used too often.
        """
        credential = self.recalled(authorization, roles, now)
        if credential is not None:
            self.admitted(credential, roles, now)
        return credential

    def recalled(
        self, authorization: str | None, roles: frozenset[Role], now: datetime
    ) -> Credential | None:
        """As `known`, but admits nobody yet."""
        if authorization is None or not authorization.startswith(BEARER_PREFIX):
            return None
        credential = self._recall(token_digest(authorization[len(BEARER_PREFIX) :]))
        if credential is None or credential.role not in roles or not credential.is_valid(now):
            return None
        return credential

    def admits(self, credential: Credential, roles: frozenset[Role], now: datetime) -> bool:
        """As `admitted`, but says whether it does."""
        try:
            self.admitted(credential, roles, now)
        except RateExceeded:
            return False
        return True

    async def admit(
        self, authorization: str | None, roles: frozenset[Role], scope: Scope
    ) -> Credential:
        """The credential of the call.

        Args:
            authorization: the header as sent; None when there is none.
            roles: which roles may make the call.
            scope: of the request; looked at only where authentication fails.

        Raises:
            Unauthenticated: no token, or one that is unknown, expired or revoked.
            AttemptsExceeded: the same, after too many of it from there.
            PermissionDenied: the token is good, its role is not.
            RateExceeded: the token is good and used too often.
            Unavailable: the token is not known, and what would know it cannot be asked.
        """
        try:
            credential = await self._authenticated(authorization, roles)
        except Unauthenticated:
            self._note_failure(scope)
            raise
        if credential.role not in roles:
            raise PermissionDenied(f"A credential of the role {credential.role} may not do this")
        self.admitted(credential, roles, self._clock())
        return credential

    def admitted(self, credential: Credential, roles: frozenset[Role], now: datetime) -> None:
        """Notes that a credential was admitted.

        Raises:
            RateExceeded: it sends too often.
        """
        if self._count_sent is not None and roles is SINK:
            self._count_sent(credential.name)
        self._note_use(credential.name, now)

    async def _authenticated(self, authorization: str | None, roles: frozenset[Role]) -> Credential:
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise TokenMissing("A bearer token is required")
        digest = token_digest(token)
        if self._find_access_token is None:
            credential = await self._find(digest)
        else:
            credential = await self._find_access_token(token, digest, roles)
        if credential is None:
            raise TokenUnknown("The bearer token is not known")
        if credential.revoked_at is not None:
            raise TokenRevoked("The bearer token was revoked")
        now = self._clock()
        if not credential.is_valid(now):
            if not credential.is_valid(now - self._grace):
                raise TokenExpired("The bearer token has expired")
            self._log.warning("expired token admitted", credential=credential.name)
        return credential

    async def reader(self, request: Request) -> Credential:
        """FastAPI dependency: whoever may ask questions."""
        return await self.admit(request.headers.get("authorization"), READER, request.scope)

    async def admin(self, request: Request) -> Credential:
        """FastAPI dependency: whoever may look into the quarantine and change things."""
        return await self.admit(request.headers.get("authorization"), ADMIN, request.scope)
