"""The answers of the real sink, as far as they need no database."""

from datetime import UTC, datetime

from receiver.errors import MediaTypeUnsupported, NotificationRefused
from receiver.events import registry
from receiver.intake import modes
from tests.support.sink import TOKEN

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LIMIT_BYTES = 256 * 1024


def judge_status(body: bytes, headers: dict[str, str]) -> int:
    """The status that the sink answers; a request without a token has the right one."""
    if headers.get("authorization", f"Bearer {TOKEN}") != f"Bearer {TOKEN}":
        return 401
    try:
        for member in modes.open_content(headers, body, LIMIT_BYTES).split():
            registry.understand(member.read(), NOW)
    except MediaTypeUnsupported:
        return 415
    except NotificationRefused:
        return 400
    return 204
