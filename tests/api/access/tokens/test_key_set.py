"""By whom an access token is signed, and every way in which it is not."""

import hmac
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey

from receiver.api.access.tokens.key_set import parse_key_set
from receiver.api.access.tokens.token import parse
from receiver.errors import TokenInvalid
from tests.support.authorization_server import rsa_key
from tests.support.signing import (
    RSA,
    SIGNERS,
    claims,
    encoded,
    is_good,
    published,
    signed,
)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", SIGNERS)
def test_a_token_signed_with_each_accepted_algorithm_is_good(alg: str) -> None:
    assert is_good(signed(key=SIGNERS[alg], alg=alg))


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "JWT", None])
@pytest.mark.parametrize("kid", ["rsa", None])
def test_type_and_key_id_may_be_absent(typ: str | None, kid: str | None) -> None:
    assert is_good(signed(typ=typ, kid=kid))


def test_a_token_signed_by_a_stranger_is_not_signed() -> None:
    stranger = rsa_key("rsa")
    assert not is_good(signed(key=stranger))
    assert not is_good(signed(key=stranger, kid=None))


def test_a_changed_token_is_not_signed() -> None:
    header, _, signature = signed().split(".")
    more = encoded(claims(scope="device-status-receiver:admin"))
    assert not is_good(f"{header}.{more}.{signature}")
    for cut in ("", "AA", signature[:-4], signature + "AAAA"):
        assert not is_good(f"{header}.{encoded(claims())}.{cut}")


@pytest.mark.parametrize("alg", ["ES256", "EdDSA"])
@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 4096])
def test_a_signature_of_zeros_of_any_length_is_none(alg: str, length: int) -> None:
    header = encoded({"alg": alg, "kid": SIGNERS[alg].kid})
    assert not is_good(f"{header}.{encoded(claims())}.{encoded(bytes(length))}")


@pytest.mark.parametrize("bits", [256, 384, 512])
def test_a_public_key_is_never_taken_for_a_shared_secret(bits: int) -> None:
    said = f"{encoded({'alg': f'HS{bits}', 'kid': 'rsa'})}.{encoded(claims())}"
    for secret in (RSA.as_pem(private=False), json.dumps(RSA.as_dict(private=False)).encode()):
        mac = hmac.digest(secret, said.encode(), f"sha{bits}")
        with pytest.raises(TokenInvalid, match="algorithm"):
            is_good(f"{said}.{encoded(mac)}")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 7, ["RS256"], "RS1", "rs256"])
def test_no_other_algorithm_is_accepted(alg: object) -> None:
    token = f"{encoded({'alg': alg})}.{encoded(claims())}."
    with pytest.raises(TokenInvalid, match="algorithm"):
        is_good(token)


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS512"])
def test_not_even_a_good_one_that_the_key_could_verify(alg: str) -> None:
    with pytest.raises(TokenInvalid, match="algorithm"):
        is_good(signed(alg=alg))


def test_a_key_verifies_no_algorithm_but_its_own() -> None:
    bound = parse_key_set(published({**RSA.as_dict(private=False), "alg": "PS256"}))
    for alg, verifies in (("RS256", False), ("PS256", True)):
        found = parse(signed(alg=alg))
        assert found is not None
        assert any(found.is_signed_by(key) for key in bound) is verifies


def test_a_token_that_names_another_key_is_not_signed_by_this_one() -> None:
    assert not is_good(signed(kid="another"))
    nameless = parse_key_set(published({**RSA.as_dict(private=False), "kid": None}))
    found = parse(signed(kid="another"))
    assert found is not None
    assert any(found.is_signed_by(key) for key in nameless)


def test_keys_that_a_token_brings_or_points_to_are_ignored() -> None:
    stranger = rsa_key("stranger")
    brought: dict[str, Any] = {
        "jwk": stranger.as_dict(private=False),
        "jku": "https://stranger.invalid/jwks",
        "x5u": "https://stranger.invalid/chain",
        "x5c": ["AAAA"],
    }
    assert not is_good(signed(key=stranger, **brought))
    assert is_good(signed(**brought))


@pytest.mark.parametrize("kid", ["../../etc/passwd", "rsa\0", "' OR 1=1 --", "x" * 4000, "é"])
def test_an_odd_key_id_is_only_one_that_nobody_has(kid: str) -> None:
    assert not is_good(signed(kid=kid))


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": True},
        {"b64": True},
        {"crit": []},
        {"kid": 7},
        {"kid": ["rsa"]},
        {"typ": 7},
        {"typ": "logout+jwt"},
        {"typ": "id_token"},
        {"typ": "dpop+jwt"},
    ],
)
def test_an_extension_or_another_kind_of_token_is_refused(header: dict[str, Any]) -> None:
    whole = {"alg": "RS256", "kid": "rsa", **header}
    with pytest.raises(TokenInvalid):
        is_good(f"{encoded(whole)}.{encoded(claims())}.AAAA")


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_weak_keys_and_keys_for_something_else_verify_nothing() -> None:
    weak = rsa_key("weak", bits=1024)
    other = ECKey.generate_key("P-384", {"kid": "p384"}, auto_kid=False)
    private = rsa_key("private")
    strangers = [
        weak,
        other,
        private.as_dict(private=True),
        {**rsa_key("enc").as_dict(private=False), "use": "enc"},
        {**rsa_key("wrap").as_dict(private=False), "key_ops": ["wrapKey"]},
        {**rsa_key("hs").as_dict(private=False), "alg": "HS256"},
        {**rsa_key("ops").as_dict(private=False), "kty": "oct"},
        {**rsa_key("n").as_dict(private=False), "n": "AA"},
        {**rsa_key("e").as_dict(private=False), "e": "AA"},
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "k"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "short"},
        {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43, "kid": "off the curve"},
        {"kty": "OKP", "crv": "Ed25519", "x": "!", "kid": "odd"},
        {"kty": "OKP", "crv": "X25519", "x": "A" * 43, "kid": "exchange"},
        {"kty": ["RSA"], "kid": 7},
        "key",
        None,
        7,
    ]
    assert {key.kid for key in parse_key_set(published(RSA, *strangers))} == {"rsa"}
