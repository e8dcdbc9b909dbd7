"""Whose access tokens are taken, and which of their scopes stands for which role."""

from collections.abc import Mapping
from dataclasses import dataclass

from receiver.settings.access_tokens import AccessTokenSettings
from receiver.store.credentials.credentials import Role


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """The one authorization server that is trusted.

    Attributes:
        issuer: what its tokens must say in `iss`, to the letter.
        audience: what its tokens must have in `aud`: this service's name there.
        jwks_url: where it publishes its keys.
        scopes: the scope that grants a role; a role that is left out is not granted to anybody.
    """

    issuer: str
    audience: str
    jwks_url: str
    scopes: Mapping[Role, str]


def authorization_server(settings: AccessTokenSettings) -> AuthorizationServer | None:
    """Returns the configured authorization server; None: access tokens are not accepted."""
    issuer, audience, jwks_url = settings.jwt_issuer, settings.jwt_audience, settings.jwt_jwks_url
    if issuer is None or audience is None or jwks_url is None:
        return None
    scopes = {
        Role.SINK: settings.jwt_sink_scope,
        Role.READER: settings.jwt_reader_scope,
        Role.ADMIN: settings.jwt_admin_scope,
    }
    return AuthorizationServer(
        issuer=issuer,
        audience=audience,
        jwks_url=jwks_url,
        scopes={role: scope for role, scope in scopes.items() if scope is not None},
    )
