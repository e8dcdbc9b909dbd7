"""Every limit in bytes counts bytes: text of few characters and many bytes meets it."""

import json
from typing import Any

import pytest

from receiver.settings.settings import Settings
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers
from tests.support.listening import BOUNDS

LIMIT = 4096
# Fewer characters than the limit, and more bytes.
LONG = "😀" * 2000

# The test of each limit.
COUNTED = {
    "body_limit_bytes": "test_a_body_is_bounded_in_bytes",
    "header_limit_bytes": "test_a_head_is_bounded_in_bytes",
    "queue_limit_bytes": "tests/intake/test_writer.py",
    "quarantine_limit_bytes": "tests/store/quarantine/test_rows.py",
    "page_limit_bytes": "tests/api/test_pages.py",
    "spool_limit_bytes": "tests/spool/test_spool.py",
    "spool_reserve_bytes": "tests/spool/test_spool.py",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Those of the application, whose bodies are small."""
    return settings.model_copy(update={"body_limit_bytes": LIMIT})


def test_every_limit_in_bytes_has_a_test_with_text_of_many_bytes() -> None:
    limits = {name for name in Settings.model_fields if name.endswith("_bytes")}
    assert limits == COUNTED.keys()


@pytest.mark.parametrize("path", ["/notifications", "/events/retrieve", "/devices/retrieve"])
async def test_a_body_is_bounded_in_bytes(callers: Callers, path: str) -> None:
    said: dict[str, Any] = {"device": PHONE, "name": LONG}
    if path == "/notifications":
        said = notification(1, PHONE, source=LONG)
    body = json.dumps(said, ensure_ascii=False)
    assert len(body) < LIMIT < len(body.encode())
    caller = callers.sink if path == "/notifications" else callers.reader
    answer = await caller.post(
        path, content=body.encode(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


async def test_a_head_is_bounded_in_bytes(callers: Callers) -> None:
    text = "😀" * (BOUNDS.head_limit_bytes - 1000)
    answer = await callers.nobody.get("/livez", headers=[(b"x-text", text.encode())])
    assert answer.status_code == 431
