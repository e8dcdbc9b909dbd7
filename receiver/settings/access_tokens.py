"""The settings of access tokens that an authorization server of yours makes."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

from receiver.api.access_tokens.authorization_server import AuthorizationServer, is_loopback
from receiver.store.credentials import Role

# RFC 6749, appendix A.4.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class AccessTokenSettings(BaseSettings):
    """Issuer, audience and keys are set together, or access tokens are not taken at all."""

    jwt_issuer: str | None = Field(
        default=None,
        description="The authorization server whose access tokens (JWT) are taken too: their "
        "`iss`, to the letter. Set with the next two, or not at all.",
    )
    jwt_audience: str | None = Field(
        default=None, description="What these tokens have in `aud`: this service's name there."
    )
    jwt_jwks_url: str | None = Field(
        default=None,
        description="Where the authorization server publishes its keys: `https://…`, or "
        "`http://…` on this machine.",
    )
    jwt_refresh_seconds: Annotated[float, Field(ge=1, le=900)] = Field(
        default=300.0,
        description="How often these keys are fetched, in seconds, and at once for one that is "
        "not known: the longest time a withdrawn key goes on working.",
    )
    jwt_sink_scope: str | None = Field(
        default="device-status-receiver:sink",
        description="The scope that lets an access token post notifications; `none`: no scope.",
    )
    jwt_reader_scope: str | None = Field(
        default="device-status-receiver:reader",
        description="The scope that lets an access token ask; `none`: no scope.",
    )
    jwt_admin_scope: str | None = Field(
        default="device-status-receiver:admin",
        description="The scope that lets an access token do what admins do; `none`: no scope.",
    )

    @field_validator("jwt_issuer", "jwt_audience", "jwt_jwks_url", mode="before")
    @classmethod
    def _is_set(cls, value: object) -> object:
        return value or None

    @field_validator("jwt_jwks_url")
    @classmethod
    def _is_private(cls, value: str | None) -> str | None:
        if value is not None and not _is_fetched_in_private(value):
            raise ValueError("must be https://…, or http://… on this machine, without a password")
        return value

    @field_validator("jwt_sink_scope", "jwt_reader_scope", "jwt_admin_scope")
    @classmethod
    def _is_one_scope(cls, value: str | None) -> str | None:
        if value is not None and not _SCOPE.fullmatch(value):
            raise ValueError("must be one scope, without spaces")
        return value

    @model_validator(mode="after")
    def _are_set_together(self) -> Self:
        together = ("jwt_issuer", "jwt_audience", "jwt_jwks_url")
        missing = [f"RECEIVER_{name.upper()}" for name in together if not getattr(self, name)]
        if missing and len(missing) < len(together):
            raise ValueError(f"{' and '.join(missing)}: missing, the others of its kind are set")
        return self

    @property
    def authorization_server(self) -> AuthorizationServer | None:
        """Whose access tokens are taken; None: nobody's."""
        if self.jwt_issuer is None or self.jwt_audience is None or self.jwt_jwks_url is None:
            return None
        scopes = {
            Role.SINK: self.jwt_sink_scope,
            Role.READER: self.jwt_reader_scope,
            Role.ADMIN: self.jwt_admin_scope,
        }
        return AuthorizationServer(
            issuer=self.jwt_issuer,
            audience=self.jwt_audience,
            jwks_url=self.jwt_jwks_url,
            scopes={role: scope for role, scope in scopes.items() if scope is not None},
            refresh_seconds=self.jwt_refresh_seconds,
        )


def _is_fetched_in_private(url: str) -> bool:
    """Whether nobody on the way can put keys of their own there, or read a password."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_private = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    return is_private and has_port and bool(parts.hostname) and "@" not in parts.netloc
