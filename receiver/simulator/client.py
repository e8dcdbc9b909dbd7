"""The client of a sink: how it connects, and what it makes of an answer or of none."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from receiver.simulator.address import is_on_this_machine

# Characters of a message that are shown: enough to see the fault.
MESSAGE_LENGTH_MAX = 200
# Seconds. A commit is given up after 5 by default, long before an answer is.
TIMEOUT = httpx.Timeout(30, connect=5)
# Common servers close an idle connection after 5 seconds; a request must not meet the close.
KEEPALIVE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class UnexpectedAnswer:
    """An answer other than the expected one, with CAMARA's ErrorInfo as far as it has one."""

    status: int
    code: str
    message: str


def prepare_client(url: str, token: str) -> Callable[[], httpx.AsyncClient]:
    """Returns what opens a client of one connection, with the token in each request."""
    return functools.partial(
        httpx.AsyncClient,
        headers={"authorization": f"Bearer {token}"},
        timeout=TIMEOUT,
        limits=httpx.Limits(max_connections=1, keepalive_expiry=KEEPALIVE_SECONDS),
        verify=httpx.create_ssl_context(),
        # A proxy of the environment does not lead back to this machine.
        trust_env=not is_on_this_machine(url),
    )


def name_failure(error: httpx.HTTPError) -> str:
    """Returns in words why there was no answer, such as `connect error`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()


def read_unexpected(answer: httpx.Response) -> UnexpectedAnswer:
    """Returns an answer with its code and message, without their control characters."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        body = None
    members = body if isinstance(body, dict) else {}
    code, message = (_make_printable(members.get(name)) for name in ("code", "message"))
    return UnexpectedAnswer(answer.status_code, code, message)


def _make_printable(member: object) -> str:
    text = member[:MESSAGE_LENGTH_MAX] if isinstance(member, str) else ""
    return "".join(c if c.isprintable() else " " for c in text)
