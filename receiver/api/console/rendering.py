"""Templates as answers: escaped, with relative links, under a policy that runs nothing foreign."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from receiver.api.console.place import PREFIX

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PROTECTION = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    # A form that is posted without a referrer comes from the origin `null`.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
# Pages hold personal data; nothing between here and the eye keeps them.
HEADERS = {**PROTECTION, "Cache-Control": "no-store"}
ASSET_HEADERS = {**PROTECTION, "Cache-Control": "public, max-age=31536000, immutable"}

FOLDER = Path(__file__).parent
ASSETS = FOLDER / "assets"

# The screens in the order of their links: the path below the prefix, and the word.
SCREENS = (
    ("fleet", "Fleet"),
    ("live", "Live"),
    ("senders", "Senders"),
    ("subscriptions", "Subscriptions"),
)


@cache
def environment() -> Environment:
    """Returns Jinja's environment, made once."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["screens"] = SCREENS
    made.filters["moment"] = moment
    made.filters["ago"] = ago
    return made


def render(
    request: Request,
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Returns a page.

    Args:
        template: its file.
        values: what the template says; the layout adds `link`, `asset`, `session` and `now`.
    """
    link = linking(request)
    content = (
        environment()
        .get_template(template)
        .render(
            **values,
            link=link,
            asset=lambda name: link(f"assets/{name}?v={digest_of(name)}"),
            session=getattr(request.state, "session", None),
            now=datetime.now(UTC),
        )
    )
    return HTMLResponse(content, status, headers={**HEADERS, **(headers or {})})


def linking(request: Request) -> Callable[[str], str]:
    """Returns what makes a link to a place of the console, as seen from this page."""
    # `/console` is no folder to a browser, `/console/fleet` lies in one.
    below = place_of(request).count("/")
    up = "../" * (below - 1) if below else f"{PREFIX[1:]}/"
    return lambda place: f"{up}{place}"


def place_of(request: Request) -> str:
    """Returns the path of a page below the prefix, with the slash at its start."""
    _, prefix, place = request.url.path.partition(PREFIX)
    return place if prefix else request.url.path


def redirect(request: Request, place: str) -> RedirectResponse:
    """Returns the answer to a form, or to a page that is elsewhere: GET that place."""
    return RedirectResponse(linking(request)(place), 303, headers=HEADERS)


@cache
def digest_of(asset: str) -> str:
    """Returns a word that changes with the content of an asset."""
    return hashlib.sha256((ASSETS / asset).read_bytes()).hexdigest()[:12]


def moment(text: str) -> str:
    """Returns a time of the API as people read it, in UTC to the second."""
    return text[:10] + " " + text[11:19]


def ago(text: str, now: datetime) -> str:
    """Returns how long ago a time of the API was, in its largest unit."""
    seconds = (now - datetime.fromisoformat(text)).total_seconds()
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
