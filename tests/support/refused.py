"""Puts into quarantine what an older release refused, and looks at it as an admin does."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.support.callers import Callers

JSON = "application/json"
RECEIVED = "2026-05-01T10:00:00.000001Z"

KEEP = """
INSERT INTO quarantine (received_at, credential, reason, media_type, headers, body, is_member)
VALUES (%s, %s, 'yesterday: not understood', %s, %s, %s, %s)
"""


def keep(
    conninfo: str,
    body: bytes,
    media_type: str | None = JSON,
    *,
    is_member: bool = False,
    received_at: str = RECEIVED,
    credential: str = "the-sink",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """What an older release refused."""
    kept = {**headers} if media_type is None else {"content-type": media_type, **headers}
    with psycopg.connect(conninfo) as connection:
        row = (received_at, credential, media_type, Jsonb(kept), body, is_member)
        connection.execute(KEEP, row)


def body_of(notification: Any) -> bytes:
    return json.dumps(notification).encode()


async def listed(callers: Callers, **filters: Any) -> list[dict[str, Any]]:
    answer = await callers.admin.get("/quarantine", params=filters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def reprocessed(callers: Callers) -> list[dict[str, Any]]:
    """The answers for everything in quarantine, oldest first."""
    answers = []
    for item in await listed(callers, order="asc", limit=1000):
        answer = await callers.admin.post(f"/quarantine/{item['id']}/reprocess")
        assert answer.status_code == 200, answer.text
        answers.append(answer.json())
    return answers
