"""Both clients of `receiver.client` over the application of callers."""

from receiver.client import AsyncClient, Client
from receiver.store.credentials.credentials import Role
from tests.support.callers import TIMEOUT_SECONDS, Callers


def url_of(callers: Callers) -> str:
    """Where the application is."""
    return str(callers.nobody.base_url)


def client_of(callers: Callers, role: Role | None = Role.ADMIN) -> Client:
    """A client that waits, with the token of a role; whoever opens it closes it."""
    token = None if role is None else f"token-of-{role}"
    return Client(url_of(callers), token=token, timeout_seconds=TIMEOUT_SECONDS, retries=0)


def async_client_of(callers: Callers, role: Role | None = Role.ADMIN) -> AsyncClient:
    """A client for asyncio, likewise."""
    token = None if role is None else f"token-of-{role}"
    return AsyncClient(url_of(callers), token=token, timeout_seconds=TIMEOUT_SECONDS, retries=0)
