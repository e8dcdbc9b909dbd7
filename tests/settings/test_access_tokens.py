"""The settings of access tokens: named whole or not at all, and keys are fetched in private."""

from itertools import combinations

import pytest

from receiver.api.access.tokens.authorization_server import read_authorization_server
from receiver.errors import ConfigurationError
from receiver.settings.access_tokens import is_loopback
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role

JWT = {
    "RECEIVER_JWT_ISSUER": "https://login.example",
    "RECEIVER_JWT_AUDIENCE": "https://receiver.example",
    "RECEIVER_JWT_JWKS_URL": "https://login.example/jwks?tenant=1",
}


@pytest.mark.parametrize("missing", [*combinations(JWT, 1), *combinations(JWT, 2)])
def test_an_authorization_server_is_named_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    for variable, setting in JWT.items():
        monkeypatch.setenv(variable, "" if variable in missing else setting)
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_environment()
    assert {variable for variable in JWT if variable in str(refused.value)} == set(missing)


def test_an_authorization_server_that_is_named_whole_is_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read_authorization_server(Settings.from_environment()) is None
    for variable, setting in JWT.items():
        monkeypatch.setenv(variable, setting)
    monkeypatch.setenv("RECEIVER_JWT_ADMIN_SCOPE", "none")
    server = read_authorization_server(Settings.from_environment())
    assert server is not None
    assert [server.issuer, server.audience, server.jwks_url] == list(JWT.values())
    assert server.scopes == {
        Role.SINK: "device-status-receiver:sink",
        Role.READER: "device-status-receiver:reader",
        Role.REGISTRAR: "device-status-receiver:registrar",
    }


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://login.example/jwks", True),
        ("http://localhost:8080/jwks", True),
        ("http://127.0.0.9/jwks", True),
        ("http://[::1]:80/jwks", True),
        ("http://login.example/jwks", False),
        ("http://127.0.0.1.login.example/jwks", False),
        ("http://10.0.0.1/jwks", False),
        ("https://user:s3cret@login.example/jwks", False),
        ("http://127.0.0.1@login.example/jwks", False),
        ("https:///jwks", False),
        ("https://login.example:99999/jwks", False),
        ("https://[::1/jwks", False),
        ("file:///etc/jwks", False),
    ],
)
def test_keys_are_fetched_in_private_only(
    monkeypatch: pytest.MonkeyPatch, url: str, is_taken: bool
) -> None:
    for variable, setting in {**JWT, "RECEIVER_JWT_JWKS_URL": url}.items():
        monkeypatch.setenv(variable, setting)
    if is_taken:
        assert Settings.from_environment().jwt_jwks_url == url
    else:
        with pytest.raises(ConfigurationError, match="RECEIVER_JWT_JWKS_URL") as refused:
            Settings.from_environment()
        assert url not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RECEIVER_JWT_JWKS_URL", "s3cret"),
        ("RECEIVER_JWT_SINK_SCOPE", "s3cret two"),
        ("RECEIVER_JWT_READER_SCOPE", "\t"),
        ("RECEIVER_JWT_ADMIN_SCOPE", 'with"quote'),
        ("RECEIVER_JWT_REFRESH_SECONDS", "901"),
    ],
)
def test_a_bad_setting_names_itself_and_not_its_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=variable) as refused:
        Settings.from_environment()
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104 - compared, not bound
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("", False),
        (None, False),
    ],
)
def test_only_this_machine_is_loopback(host: str | None, is_here: bool) -> None:
    assert is_here == is_loopback(host)
