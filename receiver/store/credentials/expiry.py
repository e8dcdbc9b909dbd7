"""When credentials and their tokens end, and whom to warn.

A credential ends with the last of its tokens: after a rotation the end of an older token matters to
nobody. The warning of the log, the doctor's and the metric go by credential; only the list of
credentials shows each token.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from receiver.store.credentials.credentials import Credential
from receiver.store.credentials.names import is_trial_name

# Two weeks, so that a person on holiday still has time to hand out the next token.
EXPIRY_WARNING = timedelta(days=14)

_NEVER = datetime.max.replace(tzinfo=UTC)


class TokenState(StrEnum):
    """The state of one token of a credential."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"


def find_state(credential: Credential, now: datetime) -> TokenState:
    """Returns the state of a token at a time; it is expiring in the days before its end."""
    if credential.revoked_at is not None:
        return TokenState.REVOKED
    if not credential.is_valid(now):
        return TokenState.EXPIRED
    is_valid_longer = credential.is_valid(now + EXPIRY_WARNING)
    return TokenState.VALID if is_valid_longer else TokenState.EXPIRING


def find_last_tokens(credentials: Iterable[Credential]) -> Sequence[Credential]:
    """Returns each credential once, with the token that ends last.

    Revoked credentials are left out, and those of a doctor's trial, which removes them itself.

    Args:
        credentials: once for each of their tokens.
    """
    last: dict[str, Credential] = {}
    for credential in credentials:
        if credential.revoked_at is None and not is_trial_name(credential.name):
            known = last.setdefault(credential.name, credential)
            if (known.expires_at or _NEVER) < (credential.expires_at or _NEVER):
                last[credential.name] = credential
    return list(last.values())


def find_expiring(
    credentials: Iterable[Credential], now: datetime
) -> Sequence[tuple[str, datetime]]:
    """Returns name and end of each credential of which the last valid token expires soon."""
    return [
        (last.name, last.expires_at)
        for last in find_last_tokens(credentials)
        if last.expires_at is not None and find_state(last, now) is TokenState.EXPIRING
    ]
