"""The URL of a sink: what a URL without a path means, and what an answer says of a wrong one."""

import re

import httpx

from receiver.api.sink.path import PATH, is_path_of_sink
from receiver.client.attempts import parse_url


def complete_url(url: str) -> str:
    """Returns a URL as it is, or with the path of the sink where it has none.

    Raises:
        ValueError: it is none.
    """
    parsed = parse_url(url)
    return url if parsed.path.strip("/") else str(parsed.copy_with(path=PATH))


def find_url_fault(url: str) -> str | None:
    """Returns why a URL is none of a sink, in words without the URL; None: it may be one."""
    try:
        parsed = parse_url(url)
    except ValueError as error:
        return str(error)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        return "must begin with http:// or https://"
    return "a user name would displace the token" if parsed.userinfo else None


def find_token_fault(token: str) -> str | None:
    """Returns why a token cannot be sent, in words without the token; None: it can."""
    return None if re.fullmatch(r"[!-~]+", token) else "must be visible ASCII without spaces"


def explain_failure(url: str, answer: int | str) -> str:
    """Returns why a URL is wrong in one line, by its answer to a notification.

    Args:
        answer: the HTTP status, or in words why there was none.
    """
    if isinstance(answer, str):
        return f"nothing answered at {url} ({answer})"
    if answer < 400:
        return f"{url} leads elsewhere ({answer}); give the address at which the sink itself is"
    if is_path_of_sink(httpx.URL(url).path):
        return f"what answers at {url} is not this service, or a proxy hides the call ({answer})"
    return f"{url} is no sink ({answer}); is the path {PATH}?"
