"""The arguments that several commands of `receiver credential` have, and how they are read."""

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from receiver.errors import ConfigurationError
from receiver.store.credentials.rules import make_token, require_usable_token

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

ExpiresAt = Annotated[
    str | None,
    typer.Option(help="From when on it is refused: RFC 3339 with a time zone. Default: never."),
]
TokenFromStdin = Annotated[
    bool, typer.Option("--token-stdin", help="Read the token from stdin, do not make one.")
]


def read_expiry(text: str | None) -> datetime | None:
    """Reads `--expires-at`; None: never.

    Raises:
        ConfigurationError: it is no time in the future.
    """
    if text is None:
        return None
    try:
        time = TypeAdapter(AwareDatetime).validate_python(text)
    except ValidationError:
        raise ConfigurationError("--expires-at must be RFC 3339 with a time zone") from None
    if time <= datetime.now(UTC):
        raise ConfigurationError("--expires-at lies in the past")
    return time


def read_overlap(text: str) -> timedelta:
    """Reads `--overlap`: a whole number and its unit.

    Raises:
        ConfigurationError: it is no such text.
    """
    parts = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if parts is None:
        raise ConfigurationError("--overlap must be like 90s, 30m, 24h or 7d")
    return timedelta(**{UNITS[parts[2]]: int(parts[1])})


def read_token(*, from_stdin: bool) -> str:
    """Reads a token from the first line of stdin, or makes one.

    Raises:
        ConfigurationError: the token cannot be used.
    """
    if not from_stdin:
        return make_token()
    token = sys.stdin.readline().strip()
    require_usable_token(token)
    return token
