"""What an access token says, and everything that makes it none."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from receiver.api.access.tokens.token import LENGTH_LIMIT, parse
from receiver.errors import TokenInvalid
from receiver.store.credentials.credentials import Role
from tests.support.authorization_server import AUDIENCE
from tests.support.signing import (
    HOUR,
    NOW,
    SERVER,
    claims,
    encoded,
    is_good,
    signed,
)

DEEP = b'{"alg":' * 2000
YEAR_10000 = 253_402_300_800
CLIENT_UUID = "9f0c1e2d-0000-4000-8000-123456789012"


def hashed(client: str) -> str:
    return f"jwt:#{sha256(client.encode()).hexdigest()[:32]}"


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": None},
        {"exp": "1900000000"},
        {"exp": True},
        {"exp": -1},
        {"exp": YEAR_10000},
        {"exp": 10**400},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": [1]},
        {"nbf": "soon"},
        {"nbf": -(10**30)},
        {"iat": {}},
        {"iss": None},
        {"iss": ["https://issuer.invalid"]},
        {"iss": "https://issuer.invalid/"},
        {"iss": "https://stranger.invalid"},
        {"aud": None},
        {"aud": []},
        {"aud": ["https://stranger.invalid"]},
        {"aud": [AUDIENCE, 7]},
        {"aud": {AUDIENCE: True}},
        {"aud": AUDIENCE + "/"},
        {"nbf": (NOW + timedelta(minutes=3)).timestamp()},
        {"iat": (NOW + timedelta(minutes=3)).timestamp()},
    ],
)
def test_a_token_with_wrong_claims_is_refused_however_well_it_is_signed(
    changed: dict[str, Any],
) -> None:
    with pytest.raises(TokenInvalid):
        is_good(signed(claims(**changed)))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["https://other.invalid", AUDIENCE]},
        {"exp": (NOW + HOUR).timestamp() + 0.5},
        {"nbf": (NOW + timedelta(seconds=50)).timestamp()},
        {"iat": (NOW + timedelta(seconds=50)).timestamp()},
        {"iat": None},
        {"jti": 7, "sub": None, "client_id": ["x"], "scope": {}, "scp": 7, "unknown": {"a": []}},
    ],
)
def test_a_token_within_the_rules_is_good(changed: dict[str, Any]) -> None:
    assert is_good(signed(claims(**changed)))


@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        "a.b",
        "a.b.c",
        "..",
        "a.b.c.d",
        "é.é.é",
        f"{encoded(b'not json')}.{encoded(claims())}.AAAA",
        f"{encoded([])}.{encoded(claims())}.AAAA",
        f"{encoded(b'[' * 5000)}.{encoded(claims())}.AAAA",
        f"{encoded(DEEP)}.{encoded(claims())}.AAAA",
        f"{encoded({'alg': 'RS256'})}.{'A' * LENGTH_LIMIT}.AAAA",
        f"{encoded({'alg': 'RS256', 'b64': False})}.{encoded(claims())}.AAAA",
    ],
)
def test_what_is_no_jwt_is_opaque(token: str) -> None:
    assert parse(token) is None


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"{", b"[" * 9000, b'{"exp":' * 1000, b"\xff\xfe{}", b"9" * 9000],
)
def test_claims_that_are_no_object_are_refused(payload: bytes) -> None:
    header = encoded({"alg": "RS256", "kid": "rsa"})
    with pytest.raises(TokenInvalid, match="claims"):
        parse(f"{header}.{encoded(payload)}.AAAA")


def test_a_message_never_repeats_what_the_token_says() -> None:
    odd = "s3cret-value"
    tokens = [
        signed(claims(iss=odd)),
        signed(claims(aud=odd)),
        signed(claims(exp=odd)),
        f"{encoded({'alg': odd})}.{encoded(claims())}.AAAA",
        f"{encoded({'alg': 'RS256', 'crit': [odd]})}.{encoded(claims())}.AAAA",
        f"{encoded({'alg': 'RS256', 'typ': odd})}.{encoded(claims())}.AAAA",
    ]
    for token in tokens:
        with pytest.raises(TokenInvalid) as refused:
            is_good(token)
        assert odd not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "roles"),
    [
        ({}, {Role.SINK}),
        ({"scope": None}, set()),
        ({"scope": ""}, set()),
        ({"scope": "openid DEVICE-STATUS-RECEIVER:SINK"}, set()),
        ({"scope": "device-status-receiver:sinks"}, set()),
        ({"scope": "openid device-status-receiver:reader  x"}, {Role.READER}),
        ({"scope": None, "scp": ["device-status-receiver:admin", 7]}, {Role.ADMIN}),
        ({"scope": None, "scp": "device-status-receiver:reader"}, {Role.READER}),
        ({"scp": ["device-status-receiver:reader"]}, {Role.SINK, Role.READER}),
        ({"scope": {"device-status-receiver:sink": 1}}, set()),
    ],
)
def test_scopes_grant_roles(changed: dict[str, Any], roles: set[Role]) -> None:
    found = parse(signed(claims(**changed)))
    assert found is not None
    assert found.read_roles(SERVER.scopes) == roles


@pytest.mark.parametrize(
    ("changed", "scopes"),
    [
        ({"scope": "device-roaming-status:read openid"}, {"device-roaming-status:read", "openid"}),
        # The purpose stands before the scope in older releases, and beside it in newer ones.
        (
            {"scope": "dpv:NotApplicable#device-status:roaming:read"},
            {"device-status:roaming:read"},
        ),
        (
            {"scope": "dpv:FraudPreventionAndDetection a:read"},
            {"dpv:FraudPreventionAndDetection", "a:read"},
        ),
        ({"scope": None, "scp": ["dpv:X#a:read", "b:read"]}, {"a:read", "b:read"}),
        # No purpose of that vocabulary.
        ({"scope": "evil#a:read dpv:X-Y#b:read"}, {"evil#a:read", "dpv:X-Y#b:read"}),
        ({"scope": None}, set()),
    ],
)
def test_the_purpose_is_no_part_of_a_scope(changed: dict[str, Any], scopes: set[str]) -> None:
    found = parse(signed(claims(**changed)))
    assert found is not None
    assert found.read_call_scopes() == scopes


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({}, "jwt:operator-prod"),
        ({"azp": "other", "sub": "+99999991000"}, "jwt:operator-prod"),
        ({"client_id": None, "azp": "other"}, "jwt:other"),
        ({"client_id": "", "azp": "other"}, "jwt:other"),
        ({"client_id": None, "appid": "9f0c-1"}, "jwt:9f0c-1"),
        ({"client_id": None, "cid": "0oa1"}, "jwt:0oa1"),
        ({"client_id": None, "sub": "+99999991000"}, "jwt:#unnamed"),
        ({"client_id": ["x"]}, "jwt:#unnamed"),
        ({"client_id": "https://client.example/id"}, "jwt:https://client.example/id"),
        ({"client_id": CLIENT_UUID}, f"jwt:{CLIENT_UUID}"),
        ({"client_id": "99999991000"}, hashed("99999991000")),
        ({"client_id": "tel:99999-991-000"}, hashed("tel:99999-991-000")),
        ({"client_id": "jan@client.example"}, hashed("jan@client.example")),
        ({"client_id": "a\nb"}, hashed("a\nb")),
        ({"client_id": "#unnamed"}, hashed("#unnamed")),
        ({"client_id": "x" * 101}, hashed("x" * 101)),
    ],
)
def test_a_credential_is_named_for_the_client_and_never_for_a_person(
    changed: dict[str, Any], name: str
) -> None:
    found = parse(signed(claims(**changed)))
    assert found is not None
    assert found.name_credential() == name
