"""The settings of access tokens become one authorization server, or none."""

from typing import Any

import pytest

from receiver.api.access.tokens.authorization_server import (
    AuthorizationServer,
    read_authorization_server,
)
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import Role

TRUSTED: dict[str, Any] = {
    "jwt_issuer": "https://issuer.example/",
    "jwt_audience": "https://receiver.example",
    "jwt_jwks_url": "https://issuer.example/jwks",
}


def trusted(**settings: Any) -> AuthorizationServer | None:
    return read_authorization_server(Settings.model_validate({**TRUSTED, **settings}))


def test_without_settings_no_access_token_is_accepted() -> None:
    assert read_authorization_server(Settings.model_validate({})) is None


def test_issuer_and_audience_are_taken_to_the_letter() -> None:
    server = trusted()
    assert server is not None
    assert (server.issuer, server.audience, server.jwks_url) == tuple(TRUSTED.values())


def test_each_role_has_a_scope_of_its_own() -> None:
    server = trusted(jwt_reader_scope="other:reader")
    assert server is not None
    assert server.scopes == {
        Role.SINK: "device-status-receiver:sink",
        Role.READER: "other:reader",
        Role.REGISTRAR: "device-status-receiver:registrar",
        Role.ADMIN: "device-status-receiver:admin",
    }


@pytest.mark.parametrize("role", Role)
def test_a_role_without_a_scope_is_granted_to_nobody(role: Role) -> None:
    server = trusted(**{f"jwt_{role}_scope": None})
    assert server is not None
    assert set(server.scopes) == set(Role) - {role}
