"""Bearer tokens: who calls, and whether the role allows it; refused only on a definite mismatch."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import Request
from fastapi.security import HTTPBearer

from receiver.errors import (
    PermissionDenied,
    TokenExpired,
    TokenMissing,
    TokenRevoked,
    TokenUnknown,
)
from receiver.store.credentials import Credential, Role, token_digest

FindCredential = Callable[[bytes], Awaitable[Credential | None]]
Clock = Callable[[], datetime]

SINK = frozenset({Role.SINK})
READER = frozenset({Role.READER, Role.ADMIN})

# Only describes the scheme in the OpenAPI; `Guard` decides.
BEARER = HTTPBearer(auto_error=False, description="A token from `receiver credential create`.")


class Guard:
    """Decides on a request before its body is read."""

    def __init__(self, find: FindCredential, clock: Clock) -> None:
        self._find = find
        self._clock = clock

    async def admit(self, authorization: str | None, roles: frozenset[Role]) -> Credential:
        """The credential of the call.

        Args:
            authorization: the header as sent; None when there is none.
            roles: which roles may make the call.

        Raises:
            Unauthenticated: no token, or one that is unknown, expired or revoked.
            PermissionDenied: the token is good, its role is not.
            Unavailable: the token is not known and the database cannot be asked.
        """
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise TokenMissing("A bearer token is required")
        credential = await self._find(token_digest(token))
        if credential is None:
            raise TokenUnknown("The bearer token is not known")
        if credential.revoked_at is not None:
            raise TokenRevoked("The bearer token was revoked")
        if not credential.is_valid(self._clock()):
            raise TokenExpired("The bearer token has expired")
        if credential.role not in roles:
            raise PermissionDenied(f"A credential of the role {credential.role} may not do this")
        return credential

    async def reader(self, request: Request) -> Credential:
        """FastAPI dependency: whoever may ask questions."""
        return await self.admit(request.headers.get("authorization"), READER)
