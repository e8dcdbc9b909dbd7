"""Finds the credential of an access token; a verified token is remembered by its digest."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from receiver.api.access.tokens.authorization_server import AuthorizationServer
from receiver.api.access.tokens.keys import Keys
from receiver.api.access.tokens.token import LEEWAY_SECONDS, AccessToken, parse
from receiver.errors import KeysAway, PermissionDenied, TokenInvalid
from receiver.store.credentials.book import CredentialBook
from receiver.store.credentials.credentials import Credential, Role

# Verified tokens that are remembered: those of 10,000 clients, as a client uses one token until it
# expires. A token that was dropped costs one more check of its signature.
REMEMBERED_LIMIT = 10_000


class Grant(NamedTuple):
    """What the scopes of a token grant to its client.

    Attributes:
        by_role: the credential in each role that is granted.
        call_scopes: each lets the client make certain calls of readers.
        caller: the credential for these calls alone.
    """

    by_role: Mapping[Role, Credential]
    call_scopes: frozenset[str]
    caller: Credential


class AccessTokens:
    """Access tokens of one authorization server, beside the tokens that were made here.

    Args:
        book: the tokens made here; one that looks like an access token still is one of them.
        clock: aware UTC.
        note_key_fetch: takes the time of the opening, and of every fetch of the keys.
        call_scopes: the scopes that let a token make certain calls, whatever its roles.
    """

    def __init__(
        self,
        server: AuthorizationServer,
        book: CredentialBook,
        *,
        clock: Callable[[], datetime],
        note_key_fetch: Callable[[datetime], None],
        call_scopes: Collection[str] = (),
    ) -> None:
        self._server = server
        self._book = book
        self._clock = clock
        self._call_scopes = frozenset(call_scopes)
        self._keys = Keys(server.jwks_url, note_fetch=note_key_fetch)
        self._grants: dict[bytes, Grant] = {}
        self._granted_with = self._keys.known

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Lets the keys be fetched, for the length of the block."""
        async with self._keys.open():
            yield

    async def refresh_keys(self) -> None:
        """Fetches the keys, in a fetch that begins after this call.

        Raises:
            KeysAway: the keys cannot be fetched; the known ones stay.
        """
        await self._keys.refresh()

    async def find(
        self, token: str, digest: bytes, roles: frozenset[Role], call_scope: str | None = None
    ) -> Credential | None:
        """Finds the credential of a token, in one of these roles if its scopes grant any of them.

        Args:
            call_scope: grants this one call too, as to a reader.

        Returns:
            None: the token is unknown. An expired one has its credential all the same.

        Raises:
            TokenInvalid: it is an access token, was not made here, and is certainly not one of
                this authorization server for this service.
            PermissionDenied: no scope of the token grants a role, or this call.
            Unavailable: the keys or the database cannot be asked, so the token is undecided.
        """
        known = self._book.remembered(digest)
        if known is not None:
            return known
        grant = self._recall(digest)
        if grant is None:
            try:
                parsed = parse(token)
                if parsed is not None:
                    grant = await self._verify(parsed, digest)
            except (TokenInvalid, KeysAway):
                created = await self._book.find(digest)
                if created is None:
                    raise
                return created
            if grant is None:
                return await self._book.find(digest)
        for role, credential in grant.by_role.items():
            if role in roles:
                return credential
        if call_scope in grant.call_scopes:
            return grant.caller
        if not grant.by_role:
            raise PermissionDenied("The access token has no scope that allows this call")
        return next(iter(grant.by_role.values()))

    async def _verify(self, token: AccessToken, digest: bytes) -> Grant:
        """Verifies a token; refuses it only after a fetch of the keys that began after the call."""
        token.require_fit(self._server, self._book.clock.later(self._clock()))
        if not self._is_signed(token):
            tried = self._keys.known
            await self._keys.refresh()
            if self._keys.known is tried or not self._is_signed(token):
                raise TokenInvalid("No key of the authorization server verifies the access token")
        return self._remember(digest, self._make_grant(token, digest))

    def _is_signed(self, token: AccessToken) -> bool:
        return any(token.is_signed_by(key) for key in self._keys.known)

    def _make_grant(self, token: AccessToken, digest: bytes) -> Grant:
        now = self._clock()
        name = token.name_credential()
        expires_at = datetime.fromtimestamp(token.claims.exp + LEEWAY_SECONDS, UTC)
        by_role = {
            role: Credential(name, role, digest, now, expires_at, None)
            for role in sorted(token.read_roles(self._server.scopes))
        }
        return Grant(
            by_role,
            self._call_scopes & token.read_call_scopes(),
            Credential(name, Role.READER, digest, now, expires_at, None),
        )

    def _recall(self, digest: bytes) -> Grant | None:
        """Returns the grant of a verified token; forgets all grants when the keys change."""
        if self._granted_with is not self._keys.known:
            self._grants = {}
            self._granted_with = self._keys.known
        return self._grants.get(digest)

    def _remember(self, digest: bytes, grant: Grant) -> Grant:
        if self._recall(digest) is None and len(self._grants) >= REMEMBERED_LIMIT:
            del self._grants[next(iter(self._grants))]
        self._grants[digest] = grant
        return grant
