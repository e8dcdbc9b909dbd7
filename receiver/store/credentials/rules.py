"""What a token and the limits of a credential may be."""

import secrets
from collections.abc import Sequence

from receiver.errors import ConfigurationError
from receiver.store.credentials.credentials import Role
from receiver.store.credentials.names import TOKEN_PREFIX

# Characters: 120 bits if they are random and of Base64, beyond any guessing.
TOKEN_LENGTH_MIN = 20

# Bytes: 256 bits, so that a digest without salt is enough.
TOKEN_RANDOM_BYTES = 32


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
