"""Access tokens where an authorization server is configured, and their imports only there.

Signatures and the fetch of keys need libraries that take a tenth of the time of a start, and most
installations have no authorization server.
"""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from receiver.api.access.tokens.authorization_server import read_authorization_server
from receiver.lazy import ACCESS_TOKENS, load
from receiver.settings.settings import Settings
from receiver.store.credentials.book import CredentialBook
from receiver.store.credentials.credentials import Credential, Role


class AccessTokenFinder(Protocol):
    """What the service uses of `AccessTokens`, which describes each call."""

    def open(self) -> AbstractAsyncContextManager[None]:
        """Lets the keys be fetched, for the length of the block."""

    async def refresh_keys(self) -> None:
        """Fetches the keys, in a fetch that begins after this call."""

    async def find(
        self, token: str, digest: bytes, roles: frozenset[Role], call_scope: str | None = None
    ) -> Credential | None:
        """Finds the credential of a token, in one of these roles if its scopes grant any."""


def configure_access_tokens(
    settings: Settings,
    book: CredentialBook,
    *,
    clock: Callable[[], datetime],
    note_key_fetch: Callable[[datetime], None],
    call_scopes: Collection[str],
) -> AccessTokenFinder | None:
    """Returns the access tokens of the configured authorization server; None: there is none.

    Args:
        book: as of `AccessTokens`, and likewise the others.
    """
    server = read_authorization_server(settings)
    if server is None:
        return None
    access_tokens: AccessTokenFinder = load(ACCESS_TOKENS)(
        server, book, clock=clock, note_key_fetch=note_key_fetch, call_scopes=call_scopes
    )
    return access_tokens
