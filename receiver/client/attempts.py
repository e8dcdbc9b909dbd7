"""What both clients share: where the service is, how it is asked, when a call is repeated."""

import copy
import ipaddress
import re
import time
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import httpx

from receiver.client.errors import (
    ClientError,
    ConnectionFailed,
    TooManyRequests,
    Unavailable,
)
from receiver.client.exchange import Answer, Call

# Seconds for one try. The service gives up a notification after 10 by default, a question sooner.
TIMEOUT_SECONDS = 30.0
# The system repeats a lost SYN after 1 and 3 seconds; no answer by 5 means that none comes.
CONNECT_SECONDS = 5.0
# Further tries of a call: enough for a service that is restarted behind a proxy.
RETRIES = 2
# Seconds before the second try, twice as long before each next one.
PAUSE_SECONDS = 0.5
# Seconds that a `Retry-After` is waited for; a longer one is left to the caller.
RETRY_AFTER_MAX = 30.0
# Seconds. Common servers close an idle connection after 5; a request must not meet the close.
KEEPALIVE_SECONDS = 2.0

# A token of RFC 6750; httpx would tell another in the message of its error.
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
# Commonalities r4.2, CAMARA_common.yaml.
_CORRELATOR = re.compile(r"[a-zA-Z0-9\-_:;./<>{}]{1,256}")


class _Unchanged:
    """The default of an option that stays as it is."""


_UNCHANGED: Final = _Unchanged()


@dataclass(frozen=True, slots=True)
class Options:
    """How a service is asked; no token is shown."""

    token: str | None = field(repr=False)
    correlator: str | None
    timeout_seconds: float
    retries: int

    def __post_init__(self) -> None:
        if self.token is not None and _TOKEN.fullmatch(self.token) is None:
            raise ValueError("token: not a bearer token")
        if self.correlator is not None and _CORRELATOR.fullmatch(self.correlator) is None:
            raise ValueError("correlator: up to 256 letters, digits and -_:;./<>{}")


class BaseClient:
    """What the clients know before they send anything."""

    def __init__(self, url: str, options: Options) -> None:
        self._url = check_url(url)
        self._options = options

    @property
    def url(self) -> str:
        """Where the service is, without a slash at the end."""
        return self._url

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def with_options(
        self,
        *,
        token: str | _Unchanged | None = _UNCHANGED,
        correlator: str | _Unchanged | None = _UNCHANGED,
        timeout_seconds: float | _Unchanged = _UNCHANGED,
        retries: int | _Unchanged = _UNCHANGED,
    ) -> Self:
        """Returns a client with the same connections that asks otherwise."""
        named = {
            "token": token,
            "correlator": correlator,
            "timeout_seconds": timeout_seconds,
            "retries": retries,
        }
        changed = {name: value for name, value in named.items() if value is not _UNCHANGED}
        other = copy.copy(self)
        other._options = replace(self._options, **changed)  # type: ignore[arg-type] # checked above
        return other

    def _write(
        self, call: Call[object], http: httpx.Client | httpx.AsyncClient, seconds: float
    ) -> httpx.Request:
        """Returns the request of a call.

        Args:
            seconds: how long the answer may be silent.
        """
        return http.build_request(
            call.method,
            f"{self._url}{call.path}",
            params=list(call.query) or None,
            content=call.write_body(),
            headers=call.write_headers(self._options.token, self._options.correlator),
            timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
        )

    def _check(self, deadline: float) -> None:
        """Gives up an answer that comes too slowly."""
        if time.monotonic() > deadline:
            raise ConnectionFailed(f"{self._url} did not answer in time")

    def _explain(self, error: httpx.HTTPError) -> ConnectionFailed:
        return ConnectionFailed(f"{self._url} did not answer ({name_failure(error)})")


def name_failure(error: httpx.HTTPError) -> str:
    """Returns why there was no answer: `connect error`.

    The words of httpx may hold a header or a URL, and these a secret.
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()


def find_pause(error: ClientError, tries: int, retries: int) -> float:
    """Returns for how many seconds to wait before the next try of a call.

    Every call may be repeated without harm: a question reads, a notification that was stored is
    stored once, a registration and an erasure are the same when they are done twice.

    Args:
        tries: how many failed.

    Raises:
        ClientError: it is not tried again.
    """
    if tries > retries or not isinstance(error, ConnectionFailed | TooManyRequests | Unavailable):
        raise error
    pause: float = PAUSE_SECONDS * 2 ** (tries - 1)
    if isinstance(error, ConnectionFailed) or error.retry_after is None:
        return pause
    if error.retry_after > RETRY_AFTER_MAX:
        raise error
    return max(pause, error.retry_after)


def parse_url(url: str) -> httpx.URL:
    """Returns a URL in its parts.

    Raises:
        ValueError: it is none.
    """
    try:
        return httpx.URL(url)
    # Of an argument that is no text.
    except (httpx.InvalidURL, UnicodeError):
        raise ValueError("not a URL") from None


def check_url(url: str) -> str:
    """Returns the URL of a service without a slash at its end.

    Raises:
        ValueError: it is none.
    """
    try:
        parsed = parse_url(url)
    except ValueError as error:
        raise ValueError(f"url: {error}") from None
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise ValueError("url: must begin with http:// or https:// and a host")
    if parsed.query or parsed.fragment:
        raise ValueError("url: must end with the path")
    return str(parsed).rstrip("/")


def http_options(url: str, *, max_connections: int | None = None) -> dict[str, Any]:
    """Returns the options of the connections to a service."""
    return {
        # No proxy of the environment leads back to this machine.
        "trust_env": not is_near(url),
        "limits": httpx.Limits(max_connections=max_connections, keepalive_expiry=KEEPALIVE_SECONDS),
        "verify": httpx.create_ssl_context() if url.startswith("https:") else False,
    }


def is_near(url: str) -> bool:
    """Returns whether a URL means this machine."""
    host = httpx.URL(url).host
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def make_answer(response: httpx.Response, body: bytes) -> Answer:
    """Returns an answer as a value."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, body)
