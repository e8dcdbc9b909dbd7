"""A JSON Web Key Set (RFC 7517), and its keys that may sign access tokens."""

from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from pydantic import BaseModel, ConfigDict, ValidationError

from receiver.errors import KeysAway

Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]

# Keys of a set; large providers publish fewer than ten. A token without `kid` is checked with each.
KEYS_LIMIT = 64

# Bits of an RSA key: RFC 7518 (section 3.3) forbids shorter ones; longer ones are slow to verify.
RSA_BITS_MIN = 2048
RSA_BITS_MAX = 8192

_ALGORITHMS: dict[tuple[str, str | None], tuple[Algorithm, ...]] = {
    ("RSA", None): ("RS256", "PS256"),
    ("EC", "P-256"): ("ES256",),
    ("OKP", "Ed25519"): ("EdDSA",),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with one algorithm that it verifies.

    Attributes:
        material: the numbers of the public key, as published.
    """

    kid: str | None
    algorithm: Algorithm
    material: frozenset[tuple[str, str]]
    public: PyJWK = field(compare=False, repr=False)


KeySet = frozenset[Key]


class _Document(BaseModel):
    """A key set as it is published."""

    model_config = ConfigDict(strict=True)

    keys: list[object]


class _Jwk(BaseModel):
    """A key as it is published; `d` and `k` are parts that must stay secret."""

    model_config = ConfigDict(strict=True)

    kty: str
    kid: str | None = None
    use: str | None = None
    key_ops: list[str] | None = None
    alg: str | None = None
    crv: str | None = None
    n: str | None = None
    e: str | None = None
    x: str | None = None
    y: str | None = None
    d: object = None
    k: object = None


def parse_key_set(body: bytes) -> KeySet:
    """Returns the keys that may verify access tokens, and leaves out all others.

    Raises:
        KeysAway: the body is no key set, is too large, or holds no such key.
    """
    try:
        published = _Document.model_validate_json(body).keys
    except ValidationError:
        raise KeysAway("what it answers is not a key set") from None
    if len(published) > KEYS_LIMIT:
        raise KeysAway(f"its key set has more than {KEYS_LIMIT} keys")
    found = frozenset(key for one in published for key in _parse_keys(one))
    if not found:
        raise KeysAway("its key set has no key for RS256, PS256, ES256 or EdDSA")
    return found


def _parse_keys(published: object) -> list[Key]:
    """Returns the key once for each algorithm that it may verify."""
    try:
        jwk = _Jwk.model_validate(published)
    except ValidationError:
        return []
    # A private key that is published lets everybody sign.
    is_public = jwk.d is None and jwk.k is None
    is_for_signatures = jwk.use in (None, "sig") and "verify" in (jwk.key_ops or ["verify"])
    if not is_public or not is_for_signatures:
        return []
    members = jwk.model_dump(include={"kty", "crv", "n", "e", "x", "y"}, exclude_none=True)
    fit = []
    for algorithm in _ALGORITHMS.get((jwk.kty, jwk.crv), ()):
        if jwk.alg in (None, algorithm):
            try:
                public = PyJWK(members, algorithm)
            except (PyJWTError, ValueError, OverflowError):
                continue
            if _is_strong(public):
                fit.append(Key(jwk.kid, algorithm, frozenset(members.items()), public))
    return fit


def _is_strong(public: PyJWK) -> bool:
    key = public.key
    return not isinstance(key, RSAPublicKey) or RSA_BITS_MIN <= key.key_size <= RSA_BITS_MAX
