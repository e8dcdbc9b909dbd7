"""The settings for access tokens (JWT) of an authorization server."""

import ipaddress
import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

# One `scope-token` of RFC 6749, appendix A.4.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class AccessTokenSettings(BaseSettings):
    """Issuer, audience and keys are set together; without them access tokens are not accepted."""

    jwt_issuer: str | None = Field(
        default=None,
        description="The authorization server whose access tokens (JWT) are accepted: their "
        "`iss`, to the letter. Set together with the next two, or not at all.",
    )
    jwt_audience: str | None = Field(
        default=None, description="The name of this service in the `aud` of these tokens."
    )
    jwt_jwks_url: str | None = Field(
        default=None,
        description="Where the authorization server publishes its keys: `https://…`, or "
        "`http://…` on this machine.",
    )
    jwt_refresh_seconds: Annotated[float, Field(ge=1, le=900)] = Field(
        default=300.0,
        description="How often these keys are fetched, in seconds: the longest time that a "
        "withdrawn key goes on working. An unknown key is fetched at once.",
    )
    jwt_sink_scope: str | None = Field(
        default="device-status-receiver:sink",
        description="The scope that lets an access token post notifications; `none`: no scope.",
    )
    jwt_reader_scope: str | None = Field(
        default="device-status-receiver:reader",
        description="The scope that lets an access token ask; `none`: no scope.",
    )
    jwt_registrar_scope: str | None = Field(
        default="device-status-receiver:registrar",
        description="The scope that lets an access token register subscriptions and ask; `none`: "
        "no scope.",
    )
    jwt_admin_scope: str | None = Field(
        default="device-status-receiver:admin",
        description="The scope that lets an access token do what admins do; `none`: no scope.",
    )

    @field_validator("jwt_jwks_url")
    @classmethod
    def _require_private(cls, value: str | None) -> str | None:
        if value is not None and not _is_fetched_in_private(value):
            raise ValueError("must be https://…, or http://… on this machine, without a password")
        return value

    @field_validator("jwt_sink_scope", "jwt_reader_scope", "jwt_registrar_scope", "jwt_admin_scope")
    @classmethod
    def _require_one_scope(cls, value: str | None) -> str | None:
        if value is not None and not _SCOPE.fullmatch(value):
            raise ValueError("must be one scope, without spaces")
        return value

    @model_validator(mode="after")
    def _require_all_or_none(self) -> Self:
        together = ("jwt_issuer", "jwt_audience", "jwt_jwks_url")
        missing = [f"RECEIVER_{name.upper()}" for name in together if not getattr(self, name)]
        if missing and len(missing) < len(together):
            raise ValueError(f"{' and '.join(missing)}: missing, the others of its kind are set")
        return self


def is_loopback(host: str | None) -> bool:
    """Returns whether a host name or address means this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _is_fetched_in_private(url: str) -> bool:
    """Returns whether the keys cannot be replaced on the way, and the URL has no password."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_private = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    return is_private and has_port and bool(parts.hostname) and "@" not in parts.netloc
