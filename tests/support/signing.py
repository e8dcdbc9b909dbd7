"""Tokens as a test wants them, signed with another library than the one that verifies them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey
from joserfc.jws import JWSRegistry

from receiver.api.access.tokens.authorization_server import AuthorizationServer
from receiver.api.access.tokens.key_set import parse_key_set
from receiver.api.access.tokens.token import parse
from receiver.store.credentials.credentials import Role
from tests.support.authorization_server import AUDIENCE, rsa_key

ISSUER = "https://issuer.invalid"
SERVER = AuthorizationServer(
    issuer=ISSUER,
    audience=AUDIENCE,
    jwks_url="https://issuer.invalid/jwks",
    scopes={role: f"device-status-receiver:{role}" for role in Role},
)
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)

RSA = rsa_key("rsa")
EC = ECKey.generate_key("P-256", {"kid": "ec"}, auto_kid=False)
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"}, auto_kid=False)
SIGNERS: dict[str, Key] = {"RS256": RSA, "PS256": RSA, "ES256": EC, "EdDSA": ED}


def claims(**changed: Any) -> dict[str, Any]:
    """Those of a good token, changed; None takes one away."""
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": int((NOW + HOUR).timestamp()),
        "iat": int(NOW.timestamp()),
        "client_id": "operator-prod",
        "scope": "device-status-receiver:sink",
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def signed(
    said: dict[str, Any] | None = None,
    key: Key = RSA,
    alg: str = "RS256",
    **header: Any,
) -> str:
    """A token with these claims, or good ones; a header of None is taken away."""
    whole = {"alg": alg, "kid": key.kid, "typ": "at+jwt", **header}
    return jwt.encode(
        {name: value for name, value in whole.items() if value is not None},
        claims() if said is None else said,
        key,
        registry=JWSRegistry(algorithms=[alg], strict_check_header=False),
        default_type=None,
    )


def encoded(part: object) -> str:
    """A part of a token that no library would make."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def published(*keys: Any) -> bytes:
    """A key set, of keys or of what is written in place of one."""
    members = [key.as_dict(private=False) if isinstance(key, Key) else key for key in keys]
    return json.dumps({"keys": members}).encode()


KEYS = parse_key_set(published(RSA, EC, ED))


def is_good(token: str) -> bool:
    """Whether it is accepted with the published keys, except for its expiry and its scopes."""
    found = parse(token)
    if found is None:
        return False
    found.require_fit(SERVER, NOW)
    return any(found.is_signed_by(key) for key in KEYS)
