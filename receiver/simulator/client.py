"""The client of a sink: how it connects, and what it makes of an answer."""

from dataclasses import dataclass
from typing import Any

import httpx

from receiver.client.attempts import http_options
from receiver.client.exchange import read_error_info

# Seconds. A commit is given up after 5 by default, long before an answer is.
TIMEOUT = httpx.Timeout(30, connect=5)


@dataclass(frozen=True, slots=True)
class UnexpectedAnswer:
    """An answer other than the expected one, with CAMARA's ErrorInfo as far as it has one."""

    status: int
    code: str
    message: str


def compose_options(url: str, token: str) -> dict[str, Any]:
    """Returns the options of a client of one connection, with the token in each request."""
    return {
        "headers": {"authorization": f"Bearer {token}"},
        "timeout": TIMEOUT,
        **http_options(url, max_connections=1),
    }


def read_unexpected(answer: httpx.Response) -> UnexpectedAnswer:
    """Returns an answer with its code and message, without their control characters."""
    return UnexpectedAnswer(answer.status_code, *read_error_info(answer.content))
