"""Settings: a bad one names itself and never its value."""

from ipaddress import ip_network
from itertools import combinations

import pytest
from pydantic import SecretStr

from receiver.api.access.tokens.authorization_server import read_authorization_server
from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings, variable_name
from receiver.store.credentials.credentials import Role


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_name(field), raising=False)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RECEIVER_PORT", "s3cret"),
        ("RECEIVER_PORT", "70000"),
        ("RECEIVER_WORKERS", "0"),
        ("RECEIVER_COMMIT_TIMEOUT_SECONDS", "-1"),
        ("RECEIVER_LOG_LEVEL", "loud"),
        ("RECEIVER_COMMIT_TIMEOUT_SECONDS", "31"),
        ("DATABASE_URL", "mysql://user:s3cret@host/db"),
        ("DATABASE_DIRECT_URL", "s3cret"),
        ("RECEIVER_JWT_JWKS_URL", "s3cret"),
        ("RECEIVER_JWT_SINK_SCOPE", "s3cret two"),
        ("RECEIVER_JWT_READER_SCOPE", "\t"),
        ("RECEIVER_JWT_REFRESH_SECONDS", "901"),
        ("RECEIVER_ALLOWED_ORIGINS", "https://sender.example"),
        ("RECEIVER_TRUSTED_PROXIES", "s3cret"),
        ("RECEIVER_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.1/8"),
        ("RECEIVER_RATE_LIMIT", "-7"),
        ("RECEIVER_ALLOWED_ORIGINS", "sender.example s3cret.example"),
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
    ("given", "conninfo"),
    [
        ("postgresql://u:p@h/d", "postgresql://u:p@h/d"),
        ("postgres://h/d", "postgres://h/d"),
        ("postgresql+psycopg://h/d", "postgresql://h/d"),
        ("postgresql://h1:1,h2:2/d?target_session_attrs=any",) * 2,
        ("", None),
    ],
)
def test_database_url_is_taken_in_every_form(
    monkeypatch: pytest.MonkeyPatch, given: str, conninfo: str | None
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    assert Settings.from_environment().database_conninfo == conninfo


def test_the_direct_url_stands_in_only_where_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://pooler/d")
    assert Settings.from_environment().direct_conninfo == "postgresql://pooler/d"
    monkeypatch.setenv("DATABASE_DIRECT_URL", "postgresql://server/d")
    assert Settings.from_environment().direct_conninfo == "postgresql://server/d"


def test_prepared_statements_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIVER_PREPARE_THRESHOLD", "none")
    assert Settings.from_environment().prepare_threshold is None


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ("Sender.example, other.example:8443,", {"sender.example", "other.example:8443"}),
        ("*", {"*"}),
        (" ", None),
        ("none", None),
    ],
)
def test_allowed_origins_are_host_names_with_commas_between(
    monkeypatch: pytest.MonkeyPatch, given: str, origins: set[str] | None
) -> None:
    monkeypatch.setenv("RECEIVER_ALLOWED_ORIGINS", given)
    assert Settings.from_environment().allowed_origins == origins


def test_trusted_proxies_are_addresses_and_networks_with_commas_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings.from_environment().trusted_proxies is None
    monkeypatch.setenv("RECEIVER_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,2001:db8::/32,")
    networks = ("127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32")
    assert Settings.from_environment().trusted_proxies == frozenset(map(ip_network, networks))


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


def test_settings_do_not_show_passwords() -> None:
    settings = Settings.model_validate({"DATABASE_URL": SecretStr("postgresql://u:s3cret@h/d")})
    assert "s3cret" not in repr(settings)
