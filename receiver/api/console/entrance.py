"""Who looks at a page: the session in its cookie, and the cookie itself."""

from collections.abc import Callable
from datetime import datetime

from fastapi import Request, Response

from receiver.api.access.addresses import Networks, is_trusted
from receiver.api.access.guard import (
    ADMIN,
    BEARER_PREFIX,
    READER,
    REGISTRAR,
    Guard,
    NoteFailure,
)
from receiver.api.access.sessions import SESSION, Session, Sessions
from receiver.api.answers.exchange import OK
from receiver.api.console.asking import Asking
from receiver.errors import PermissionDenied, TokenMissing, TokenUnknown
from receiver.log import audit

# `__Host-`: no other name of the domain can set it, and browsers send it over TLS alone.
COOKIE = "__Host-receiver-session"
# Over plain HTTP browsers take neither the prefix nor `Secure`. Cookies do not know ports, so that
# another program on this machine would overwrite a plainer name.
PLAIN_COOKIE = "receiver-session"


class Entrance:
    """Admits the callers of pages, and gives and takes their cookies.

    Args:
        guard: decides whether a token or a session is valid.
        sessions: what cookies hold.
        note_failure: called with each link that is worth nothing; may raise `AttemptsExceeded`.
        clock: aware UTC.
        trusted_proxies: networks of proxies whose `X-Forwarded-Proto` is believed.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        sessions: Sessions,
        note_failure: NoteFailure,
        clock: Callable[[], datetime],
        trusted_proxies: Networks,
    ) -> None:
        self._guard = guard
        self._sessions = sessions
        self._note_failure = note_failure
        self._clock = clock
        self._trusted_proxies = trusted_proxies

    async def admit(self, request: Request) -> None:
        """Leaves in the state of a request what asks for its caller, as `asking`.

        Raises:
            Unauthenticated: nobody signed in, or the session is over.
            Unavailable: the credentials cannot be read.
        """
        sealed = request.cookies.get(COOKIE) or request.cookies.get(PLAIN_COOKIE)
        session = None if sealed is None else self._sessions.unseal(sealed)
        if session is None:
            raise TokenMissing("Nobody has signed in")
        request.scope[SESSION] = session
        await self._guard.authenticate(None, READER, request.scope, self._clock())
        request.state.session = session
        request.state.asking = Asking(request, session)

    async def sign_in(self, request: Request, token: str) -> Session:
        """Returns the session of whoever shows a token, in its strongest role.

        Raises:
            Unauthenticated: the token is unknown, expired or revoked.
            AttemptsExceeded: the same, after too many of it from there.
            PermissionDenied: its role may not ask.
            Unavailable: what would know it cannot be asked.
        """
        now = self._clock()
        authorization = BEARER_PREFIX + token
        for roles in (ADMIN, REGISTRAR):
            try:
                found = await self._guard.authenticate(authorization, roles, request.scope, now)
            except PermissionDenied:
                continue
            break
        else:
            found = await self._guard.authenticate(authorization, READER, request.scope, now)
        return _audited(self._sessions.begin(found), "token")

    async def redeem(self, request: Request, key: str) -> Session:
        """Returns the session that a link begins, which it does once.

        Raises:
            TokenUnknown: the link was used, has expired, or was never made.
            AttemptsExceeded: the same, after too many of it from there.
            Unavailable: the database cannot be asked.
        """
        session = await self._sessions.redeem(key)
        if session is None:
            self._note_failure(request.scope)
            raise TokenUnknown("This link was used already, or it has expired")
        return _audited(session, "link")

    def give_cookie(self, request: Request, response: Response, session: Session) -> None:
        """Makes the browser keep a session until its end."""
        is_secure = self._is_over_tls(request)
        response.set_cookie(
            COOKIE if is_secure else PLAIN_COOKIE,
            self._sessions.seal(session),
            expires=session.ends_at,
            path="/",
            secure=is_secure,
            httponly=True,
            samesite="strict",
        )

    def take_cookie(self, response: Response) -> None:
        """Makes the browser forget its session."""
        for name, is_secure in ((COOKIE, True), (PLAIN_COOKIE, False)):
            response.delete_cookie(
                name, path="/", secure=is_secure, httponly=True, samesite="strict"
            )

    def _is_over_tls(self, request: Request) -> bool:
        """Whether the browser speaks TLS, to this service or to a trusted proxy before it."""
        if request.url.scheme == "https":
            return True
        peer = request.client
        if peer is None or not is_trusted(peer.host, self._trusted_proxies):
            return False
        return request.headers.get("x-forwarded-proto", "").strip().lower() == "https"


def _audited(session: Session, by: str) -> Session:
    audit("session.begin", credential=session.name, outcome=OK, by=by)
    return session
