"""Finds the credential of an access token; one that was verified is remembered by its digest."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from receiver.api.access.tokens.authorization_server import AuthorizationServer
from receiver.api.access.tokens.keys import Keys
from receiver.api.access.tokens.token import LEEWAY_SECONDS, AccessToken, parse
from receiver.errors import KeysAway, PermissionDenied, TokenInvalid
from receiver.store.credentials.book import CredentialBook
from receiver.store.credentials.credentials import Credential, Role

REMEMBERED_LIMIT = 10_000

# One and the same credential in each role that the token's scopes grant.
Granted = Mapping[Role, Credential]


class AccessTokens:
    """Access tokens of one authorization server, beside the tokens that were made here.

    Args:
        book: the tokens made here; one of them that looks like an access token is still theirs.
        clock: aware UTC.
        fetched: told when its keys were fetched.
    """

    def __init__(
        self,
        server: AuthorizationServer,
        book: CredentialBook,
        *,
        clock: Callable[[], datetime],
        fetched: Callable[[datetime], None],
    ) -> None:
        self._server = server
        self._book = book
        self._clock = clock
        self._keys = Keys(server.jwks_url, fetched=fetched)
        self._verified: dict[bytes, Granted] = {}
        self._verified_with = self._keys.known

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Lets the keys be fetched, for the length of the block."""
        async with self._keys.open():
            yield

    async def refresh_keys(self) -> None:
        """Fetches the keys, in a look that begins after this call.

        Raises:
            KeysAway: they cannot be fetched; those that are known go on.
        """
        await self._keys.refresh()

    async def find(self, token: str, digest: bytes, roles: frozenset[Role]) -> Credential | None:
        """The credential of a token, in one of these roles if its scopes grant any of them.

        Returns:
            None: nobody knows it. One that has expired is found all the same.

        Raises:
            TokenInvalid: it is an access token, certainly not one of this authorization server
                for this service, and none that was made here.
            PermissionDenied: no scope of it grants any role.
            Unavailable: whether it is good cannot be found out now.
        """
        known = self._book.remembered(digest)
        if known is not None:
            return known
        granted = self._remembered(digest)
        if granted is None:
            try:
                parsed = parse(token)
                if parsed is not None:
                    granted = await self._verify(parsed, digest)
            except (TokenInvalid, KeysAway):
                created = await self._book.find(digest)
                if created is None:
                    raise
                return created
            if granted is None:
                return await self._book.find(digest)
        if not granted:
            raise PermissionDenied("The access token has no scope that allows anything here")
        fitting = next((role for role in granted if role in roles), next(iter(granted)))
        return granted[fitting]

    async def _verify(self, token: AccessToken, digest: bytes) -> Granted:
        """Verifies a token; refuses it only after a look at the keys that began after the call."""
        token.require_fit(self._server, self._clock())
        if not self._is_signed(token):
            tried = self._keys.known
            await self._keys.refresh()
            if self._keys.known is tried or not self._is_signed(token):
                raise TokenInvalid("No key of the authorization server verifies the access token")
        return self._remember(digest, self._granted(token, digest))

    def _is_signed(self, token: AccessToken) -> bool:
        return any(token.is_signed_by(key) for key in self._keys.known)

    def _granted(self, token: AccessToken, digest: bytes) -> Granted:
        now = self._clock()
        name = token.name_credential()
        expires_at = datetime.fromtimestamp(token.claims.exp + LEEWAY_SECONDS, UTC)
        return {
            role: Credential(name, role, digest, now, expires_at, None)
            for role in sorted(token.read_roles(self._server.scopes))
        }

    def _remembered(self, digest: bytes) -> Granted | None:
        """What was verified with the keys that are still the last known; after a change none is."""
        if self._verified_with is not self._keys.known:
            self._verified = {}
            self._verified_with = self._keys.known
        return self._verified.get(digest)

    def _remember(self, digest: bytes, granted: Granted) -> Granted:
        if self._remembered(digest) is None and len(self._verified) >= REMEMBERED_LIMIT:
            del self._verified[next(iter(self._verified))]
        self._verified[digest] = granted
        return granted
