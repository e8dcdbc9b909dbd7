"""What a token and the limits of a credential may be; and the states of a credential's life."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from receiver.errors import ConfigurationError
from receiver.store.credentials.credentials import EXPIRY_WARNING, Credential, Role
from receiver.store.credentials.names import TOKEN_PREFIX

# Characters: 120 bits if they are random and of Base64, beyond any guessing.
TOKEN_LENGTH_MIN = 20

# Bytes: 256 bits, so that a digest without salt is enough.
TOKEN_RANDOM_BYTES = 32


class CredentialState(StrEnum):
    """The state of one token of a credential."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"


def make_token() -> str:
    """Returns a random token with the prefix of all of them."""
    return f"{TOKEN_PREFIX}{secrets.token_urlsafe(TOKEN_RANDOM_BYTES)}"


def require_usable_token(token: str) -> None:
    """Refuses a token that could be guessed, or that no header carries.

    Raises:
        ConfigurationError: says what a token must be, without the token.
    """
    if len(token) < TOKEN_LENGTH_MIN or not token.isascii() or not token.isprintable():
        raise ConfigurationError(
            f"the token must have at least {TOKEN_LENGTH_MIN} printable ASCII characters"
        )


def require_usable_limits(role: Role, types: Sequence[str], sources: Sequence[str]) -> None:
    """Refuses limits on what may be sent for a role that sends nothing.

    Raises:
        ConfigurationError: names the options.
    """
    if (types or sources) and role is not Role.SINK:
        raise ConfigurationError("--type and --source are for the role sink, which alone sends")


def find_state(credential: Credential, now: datetime) -> CredentialState:
    """Returns the state at a time; a token is expiring in the days before its end."""
    if credential.revoked_at is not None:
        return CredentialState.REVOKED
    if not credential.is_valid(now):
        return CredentialState.EXPIRED
    is_valid_longer = credential.is_valid(now + EXPIRY_WARNING)
    return CredentialState.VALID if is_valid_longer else CredentialState.EXPIRING
