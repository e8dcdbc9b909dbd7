"""Whose access tokens are taken, and which of their scopes stands for which role."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from receiver.store.credentials import Role


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """The one authorization server that is trusted.

    Attributes:
        issuer: what its tokens must say in `iss`, to the letter.
        audience: what its tokens must have in `aud`: this service's name there.
        jwks_url: where it publishes its keys.
        scopes: the scope that grants a role; a role that is left out is not granted to anybody.
        refresh_seconds: how often its keys are fetched anew.
    """

    issuer: str
    audience: str
    jwks_url: str
    scopes: Mapping[Role, str]
    refresh_seconds: float


def is_loopback(host: str | None) -> bool:
    """Whether nobody but this machine is behind the host."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
