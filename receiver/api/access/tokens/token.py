"""A JWT access token (RFC 9068): its header, its claims, and whether a key signed it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated

from jwt import PyJWS
from jwt.exceptions import DecodeError, PyJWTError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from receiver.api.access.tokens.authorization_server import AuthorizationServer
from receiver.api.access.tokens.key_set import Algorithm, Key
from receiver.errors import TokenInvalid
from receiver.store.credentials.credentials import Role
from receiver.store.credentials.names import CLIENT_NAMES, may_be_phone_number

# Seconds that the clocks of the authorization server and of this machine may be apart: a quartz
# clock without synchronisation (50 ppm) drifts by half of that in a week.
LEEWAY_SECONDS = 60.0

# Characters of a token; a longer one is not parsed. Entra ID lists at most 200 groups in a token,
# which makes about 12,000.
LENGTH_LIMIT = 16_384

# An ID token may be of type JWT too; it has no scope, so it grants no role.
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
# The names of the client's claim in RFC 9068, OpenID Connect, Entra ID and Okta.
_CLIENT_CLAIMS = ("client_id", "azp", "appid", "cid")
# Neither a person's mail address nor anything that breaks a log line.
_PLAIN_CLIENT = re.compile(r"[A-Za-z0-9._~:/-]{1,100}")

# The purpose before a scope, a word of the W3C's Data Privacy Vocabulary.
_PURPOSE = re.compile(r"^dpv:[A-Za-z0-9]+#")

# Seconds since 1970 up to the year 9999, which a datetime can hold.
_NumericDate = Annotated[float, Field(ge=0, le=253_402_000_000, allow_inf_nan=False)]

_SIGNATURES = PyJWS(
    algorithms=["RS256", "PS256", "ES256", "EdDSA"], options={"enforce_minimum_key_length": True}
)


class Header(BaseModel):
    """The header, without `jwk`, `jku` and their like: a token must not bring its own key."""

    model_config = ConfigDict(strict=True)

    alg: Algorithm
    typ: str | None = None
    kid: str | None = None
    crit: object = None
    b64: object = None


class Claims(BaseModel):
    """The claims that decide on a token or name its client."""

    model_config = ConfigDict(strict=True)

    iss: str
    aud: str | list[str]
    exp: _NumericDate
    nbf: _NumericDate | None = None
    iat: _NumericDate | None = None
    scope: object = None
    scp: object = None
    client_id: object = None
    azp: object = None
    appid: object = None
    cid: object = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token whose claims are parsed and not verified."""

    encoded: str
    header: Header
    claims: Claims

    def is_signed_by(self, key: Key) -> bool:
        """Returns whether the key verifies the token; one of another algorithm or id never does."""
        if key.algorithm != self.header.alg:
            return False
        if self.header.kid is not None and key.kid is not None and key.kid != self.header.kid:
            return False
        try:
            _SIGNATURES.decode_complete(self.encoded, key.public, algorithms=[key.algorithm])
        except PyJWTError:
            return False
        return True

    def require_fit(self, server: AuthorizationServer, now: datetime) -> None:
        """Refuses claims that no signature can make good; the expiry is checked at each use.

        Raises:
            TokenInvalid: the token is of another issuer, for another audience, or not valid yet.
        """
        claims = self.claims
        latest = now.timestamp() + LEEWAY_SECONDS
        if claims.iss != server.issuer:
            raise TokenInvalid("The access token is of another issuer")
        if server.audience not in (claims.aud if isinstance(claims.aud, list) else [claims.aud]):
            raise TokenInvalid("The access token is for another audience")
        if claims.nbf is not None and claims.nbf > latest:
            raise TokenInvalid("The access token is not valid yet")
        if claims.iat is not None and claims.iat > latest:
            raise TokenInvalid("The access token was issued in the future")

    def read_roles(self, scopes: Mapping[Role, str]) -> frozenset[Role]:
        """Returns the roles that the scopes of the token grant."""
        return frozenset(role for role, scope in scopes.items() if scope in self._scopes)

    def read_call_scopes(self) -> frozenset[str]:
        """Returns the scopes of the token, without the purpose that CAMARA writes before one.

        Older releases write purpose and scope as one, `dpv:NotApplicable#device-status:…:read`;
        newer ones as two (CAMARA Security and Interoperability Profile, section on purposes).
        """
        return frozenset(_PURPOSE.sub("", scope) for scope in self._scopes)

    @property
    def _scopes(self) -> frozenset[str]:
        return _split_scopes(self.claims.scope) | _split_scopes(self.claims.scp)

    def name_credential(self) -> str:
        """Returns the name under which the client's events are stored.

        It is the client's name, never the subject's: a subject can be a person. A name that reads
        as a phone number or a mail address is replaced by its digest. All clients that no claim
        names share one name.
        """
        values = (getattr(self.claims, claim) for claim in _CLIENT_CLAIMS)
        client = next((value for value in values if isinstance(value, str) and value), None)
        if client is None:
            return f"{CLIENT_NAMES}#unnamed"
        if _PLAIN_CLIENT.fullmatch(client) and not may_be_phone_number(client):
            return CLIENT_NAMES + client
        digest = sha256(client.encode(errors="surrogatepass")).hexdigest()
        return f"{CLIENT_NAMES}#{digest[:32]}"


def parse(encoded: str) -> AccessToken | None:
    """Parses a token; None: it is no JWT, so only this service can have made it.

    Raises:
        TokenInvalid: it is a JWT, and certainly not an acceptable access token.
    """
    if len(encoded) > LENGTH_LIMIT or encoded.count(".") != 2:
        return None
    try:
        parts = _SIGNATURES.decode_complete(encoded, options={"verify_signature": False})
    except DecodeError:
        return None
    except PyJWTError:
        raise TokenInvalid("The access token's header cannot be understood") from None
    try:
        header = Header.model_validate(parts["header"])
    except ValidationError:
        raise TokenInvalid("The access token's algorithm is not accepted") from None
    if header.crit is not None or header.b64 is not None:
        raise TokenInvalid("The access token has an extension that is not understood")
    if header.typ is not None and header.typ.lower() not in _TYPES:
        raise TokenInvalid("The token is not an access token")
    try:
        claims = Claims.model_validate_json(parts["payload"])
    except ValidationError:
        raise TokenInvalid(
            "The access token's claims lack iss, aud or exp, or cannot be understood"
        ) from None
    return AccessToken(encoded, header, claims)


def _split_scopes(scopes: object) -> frozenset[str]:
    """Returns the scopes of one string with spaces between, or of a list."""
    words = scopes.split(" ") if isinstance(scopes, str) else scopes
    if not isinstance(words, list):
        return frozenset()
    return frozenset(word for word in words if isinstance(word, str))
