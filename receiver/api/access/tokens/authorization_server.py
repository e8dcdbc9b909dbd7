"""The authorization server whose access tokens are accepted, and its scope for each role."""

from collections.abc import Mapping
from dataclasses import dataclass

from receiver.settings.access_tokens import AccessTokenSettings
from receiver.store.credentials.credentials import Role


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """The authorization server that is trusted.

    Attributes:
        issuer: `iss` of its tokens, to the letter.
        audience: the name of this service, which `aud` of its tokens must have.
        jwks_url: where it publishes its keys.
        scopes: the scope that grants a role; a role that is left out is granted to nobody.
    """

    issuer: str
    audience: str
    jwks_url: str
    scopes: Mapping[Role, str]


def read_authorization_server(settings: AccessTokenSettings) -> AuthorizationServer | None:
    """Returns the configured authorization server; None: access tokens are not accepted."""
    issuer, audience, jwks_url = settings.jwt_issuer, settings.jwt_audience, settings.jwt_jwks_url
    if issuer is None or audience is None or jwks_url is None:
        return None
    scopes = {
        Role.SINK: settings.jwt_sink_scope,
        Role.READER: settings.jwt_reader_scope,
        Role.REGISTRAR: settings.jwt_registrar_scope,
        Role.ADMIN: settings.jwt_admin_scope,
    }
    return AuthorizationServer(
        issuer=issuer,
        audience=audience,
        jwks_url=jwks_url,
        scopes={role: scope for role, scope in scopes.items() if scope is not None},
    )
