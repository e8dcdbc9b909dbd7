"""A JSON Web Key Set (RFC 7517): the keys in it that may sign access tokens; nothing is fetched."""

from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from pydantic import BaseModel, ConfigDict, ValidationError

from receiver.errors import KeysAway

Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]

KEYS_LIMIT = 64
# Shorter ones are forged, longer ones are slow to check.
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


class _Published(BaseModel):
    model_config = ConfigDict(strict=True)

    keys: list[object]


class _Jwk(BaseModel):
    """What is read of a key; `d` and `k` are parts that must never be published."""

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


def key_set(body: bytes) -> KeySet:
    """The keys that are fit to verify access tokens; all others are left out.

    Raises:
        KeysAway: it is no key set, an absurdly large one, or holds no such key.
    """
    try:
        published = _Published.model_validate_json(body).keys
    except ValidationError:
        raise KeysAway("what it answers is not a key set") from None
    if len(published) > KEYS_LIMIT:
        raise KeysAway(f"its key set has more than {KEYS_LIMIT} keys")
    found = frozenset(key for one in published for key in _fit_keys(one))
    if not found:
        raise KeysAway("its key set has no key for RS256, PS256, ES256 or EdDSA")
    return found


def _fit_keys(published: object) -> list[Key]:
    """One key for each algorithm it is good for."""
    try:
        jwk = _Jwk.model_validate(published)
    except ValidationError:
        return []
    # Whoever publishes a private key lets everybody sign.
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
