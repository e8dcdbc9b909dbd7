"""Bearer tokens: who calls, and whether the role allows it; refused only on a definite mismatch."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from fastapi import APIRouter, Request, Security
from fastapi.security import HTTPBearer
from starlette.types import Scope

from receiver.api.access.rates import Rates, Timer
from receiver.api.access.routes import guarded_as
from receiver.api.access.sessions import SESSION, Book, Sessions
from receiver.api.access.tokens.bearer import find_tokens
from receiver.api.answers.errors import documented
from receiver.errors import (
    PermissionDenied,
    TokenExpired,
    TokenMissing,
    TokenRevoked,
    TokenUnknown,
    Unauthenticated,
)
from receiver.store.credentials.credentials import Credential, Role, token_digest
from receiver.turns import Turns

FindAccessToken = Callable[[str, bytes, frozenset[Role], str | None], Awaitable[Credential | None]]
Clock = Callable[[], datetime]
NoteFailure = Callable[[Scope], None]
CountRequest = Callable[[str], None]

SINK = frozenset({Role.SINK})
READER = frozenset({Role.READER, Role.REGISTRAR, Role.ADMIN})
REGISTRAR = frozenset({Role.REGISTRAR, Role.ADMIN})
ADMIN = frozenset({Role.ADMIN})
CALLERS = {Role.READER: READER, Role.REGISTRAR: REGISTRAR, Role.ADMIN: ADMIN}

BEARER_PREFIX = "Bearer "

# Lines a second about expired tokens of one credential that are admitted.
WARNINGS_RATE = 1 / 60

# Only describes the scheme in the OpenAPI; `Guard` decides.
BEARER = HTTPBearer(
    auto_error=False,
    description="A token from `receiver credential create`, or an access token (a JWT) of the "
    "authorization server that is configured.",
)


class Guard:
    """Decides on a request before its body is read: who calls, and may they.

    A token is refused only on a definite mismatch: for an unknown one after a look at the database
    that began after the request, and an expired one once two clocks say so.

    Args:
        book: the credentials made here.
        clock: aware UTC.
        grace: how long an expired token is admitted all the same: a 401 can make an operator end
            the subscription for good.
        note_failure: called on every failed authentication; may raise `AttemptsExceeded` instead.
        turns: bound the questions of one credential that run at a time.
        body_limit_bytes: of the bodies of questions, as received.
        count_sent: takes the name of a credential that is about to send; raises if it may not
            now. None: it always may.
        sessions: what a caller may show in place of a token; None: nobody has one.
        find_access_token: where access tokens are taken, asked in place of the book with the
            token, its digest, and the roles and the scope that would do.
        timer: seconds that never go back.
    """

    def __init__(
        self,
        book: Book,
        clock: Clock,
        *,
        grace: timedelta,
        note_failure: NoteFailure,
        turns: Turns,
        body_limit_bytes: int,
        count_sent: CountRequest | None = None,
        sessions: Sessions | None = None,
        find_access_token: FindAccessToken | None = None,
        timer: Timer = time.monotonic,
    ) -> None:
        self._book = book
        self._clock = clock
        self._grace = grace
        self._note_failure = note_failure
        self._turns = turns
        self._body_limit_bytes = body_limit_bytes
        self._count_sent = count_sent
        self._sessions = sessions
        self._find_access_token = find_access_token
        self._timer = timer
        self._warnings = Rates(WARNINGS_RATE, burst=1)
        self._log = structlog.get_logger(__name__)

    def recall(
        self, authorization: str | None, roles: frozenset[Role], now: datetime
    ) -> Credential | None:
        """Returns the credential if memory alone proves it valid; None: `authenticate` decides."""
        if authorization is None or not authorization.startswith(BEARER_PREFIX):
            return None
        credential = self._book.remembered(token_digest(authorization[len(BEARER_PREFIX) :]))
        if credential is None or credential.role not in roles or not credential.is_valid(now):
            return None
        return credential

    async def authenticate(
        self, authorization: str | None, roles: frozenset[Role], scope: Scope, now: datetime
    ) -> Credential:
        """Returns the credential of the call.

        Args:
            authorization: the header as sent; None when there is none.
            roles: which roles may make the call.
            scope: of the request; read only where authentication fails.

        Raises:
            Unauthenticated: no token, or one that is unknown, expired or revoked.
            AttemptsExceeded: the same, after too many of it from there.
            PermissionDenied: the token is good, its role is not.
            Unavailable: the token is not known, and what would know it cannot be asked.
        """
        credential = await self._identify(authorization, roles, scope, now)
        _require_role(credential, roles)
        return credential

    def admit(self, credential: Credential, roles: frozenset[Role], now: datetime) -> None:
        """Counts a call of an authenticated credential.

        Raises:
            RateExceeded: it sends too often.
        """
        if self._count_sent is not None and roles is SINK:
            self._count_sent(credential.name)
        self._book.note_use(credential.name, now)

    async def _identify(
        self,
        authorization: str | None,
        roles: frozenset[Role],
        scope: Scope,
        now: datetime,
        call_scope: str | None = None,
    ) -> Credential:
        session = scope.get(SESSION)
        if session is not None and self._sessions is not None:
            return await self._sessions.find(session)
        try:
            return await self._find(authorization, roles, now, call_scope)
        except Unauthenticated:
            self._note_failure(scope)
            raise

    async def _find(
        self,
        authorization: str | None,
        roles: frozenset[Role],
        now: datetime,
        call_scope: str | None,
    ) -> Credential:
        tokens = find_tokens(authorization or "")
        if not tokens:
            raise TokenMissing("A bearer token is required")
        for token in tokens:
            digest = token_digest(token)
            if self._find_access_token is None:
                credential = await self._book.find(digest)
            else:
                credential = await self._find_access_token(token, digest, roles, call_scope)
            if credential is not None:
                break
        else:
            raise TokenUnknown("The bearer token is not known")
        if credential.revoked_at is not None:
            raise TokenRevoked("The bearer token was revoked")
        if not credential.is_valid(now):
            self._admit_expired(credential, now)
        return credential

    def _admit_expired(self, credential: Credential, now: datetime) -> None:
        """Admits a token that has expired by this machine's clock, with a warning in the log."""
        earlier = self._book.clock.earlier(now)
        if not credential.is_valid(earlier - self._grace):
            raise TokenExpired("The bearer token has expired")
        if not self._warnings.admit(credential.name, self._timer()):
            by = "the database's clock" if credential.is_valid(earlier) else "the grace"
            self._log.warning("expired token admitted", credential=credential.name, by=by)

    def router(
        self,
        tag: str,
        call: str,
        role: Role,
        *,
        call_scope: str | None = None,
        key_header: str | None = None,
    ) -> APIRouter:
        """Makes a router for callers of a role, with the answers of this guard documented.

        Args:
            tag: the heading of its calls in the OpenAPI.
            call: the label under which their answers are counted.
            role: reader, registrar or admin.
            call_scope: of an access token that may make these calls whatever its roles.
            key_header: brings the token where there is no `Authorization`.
        """
        roles = CALLERS[role]

        async def admit(request: Request) -> Credential:
            now = self._clock()
            authorization = request.headers.get("authorization")
            if authorization is None and key_header is not None:
                key = request.headers.get(key_header)
                authorization = None if key is None else BEARER_PREFIX + key
            credential = await self._identify(authorization, roles, request.scope, now, call_scope)
            # Before the role is looked at: the audit line of a refusal names the caller.
            request.state.credential = credential
            _require_role(credential, roles)
            self.admit(credential, roles, now)
            return credential

        return APIRouter(
            tags=[tag],
            route_class=guarded_as(call, role, admit, self._turns, self._body_limit_bytes),
            # OpenAPI 3.1, Security Requirement Object: a bearer scheme may name the role.
            dependencies=[Security(BEARER, scopes=[role])],
            responses=documented(401, 403, 429, 503),
        )


def _require_role(credential: Credential, roles: frozenset[Role]) -> None:
    if credential.role not in roles:
        raise PermissionDenied(f"A credential of the role {credential.role} may not do this")
