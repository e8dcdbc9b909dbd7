"""The quarantine: shown to admins, parsed again, and never larger than it may be."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from types import MappingProxyType
from typing import Any

import httpx
import psycopg
import pytest
import structlog
from psycopg.types.json import Jsonb
from structlog.testing import capture_logs

from receiver.api.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.app import create_app
from receiver.settings import Settings
from tests.api.conftest import Callers

JSON = "application/json"
BATCH = "application/cloudevents-batch+json"
PHONE = {"phoneNumber": "+99999991000"}
RECEIVED = "2026-05-01T10:00:00.000001Z"

KEEP = """
INSERT INTO quarantine (received_at, credential, reason, media_type, headers, body, is_member)
VALUES (%s, %s, 'yesterday: not understood', %s, %s, %s, %s)
"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """What is kept here arrived on a day that goes by."""
    return settings.model_copy(update={"quarantine_days": 36_500})


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


CALLS = [("GET", ""), ("GET", "/AAAAAAAAAAE"), ("POST", "/AAAAAAAAAAE/reprocess")]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_nobody_but_an_admin_is_let_in(callers: Callers, method: str, path: str) -> None:
    for client, status, code in (
        (callers.nobody, 401, "UNAUTHENTICATED"),
        (callers.sink, 403, "PERMISSION_DENIED"),
        (callers.reader, 403, "PERMISSION_DENIED"),
    ):
        answer = await client.request(method, f"/quarantine{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_list_shows_what_was_refused_without_what_was_sent(callers: Callers) -> None:
    refused = await callers.sink.post(
        "/notifications", content=b'{"private": 1}', headers={"content-type": JSON}
    )
    answer = await callers.admin.get("/quarantine")
    [item] = answer.json()["items"]
    assert {name: item[name] for name in item if name not in {"id", "receivedAt"}} == {
        "credential": "the-sink",
        "reason": refused.json()["message"],
        "mediaType": JSON,
        "sizeBytes": 14,
        "state": "refused",
    }
    assert "private" not in answer.text


async def test_pages_are_newest_first_and_lose_and_repeat_nothing(
    callers: Callers, conninfo: str
) -> None:
    for number in range(7):
        # Two of each time: the key decides between them.
        keep(conninfo, b"{", received_at=f"2026-05-01T10:00:0{number // 2}Z")
    newest_first = [item["id"] for item in await listed(callers, limit=1000)]
    times = [item["receivedAt"] for item in await listed(callers)]
    assert times == sorted(times, reverse=True)
    for order, expected in (("desc", newest_first), ("asc", newest_first[::-1])):
        seen: list[str] = []
        filters: dict[str, Any] = {"limit": 3, "order": order}
        while True:
            page = (await callers.admin.get("/quarantine", params=filters)).json()
            seen += [item["id"] for item in page["items"]]
            if "nextCursor" not in page:
                break
            filters["cursor"] = page["nextCursor"]
        assert seen == expected


async def test_a_cursor_belongs_to_its_filters(callers: Callers, conninfo: str) -> None:
    for _ in range(2):
        keep(conninfo, b"{")
    page = (await callers.admin.get("/quarantine", params={"limit": 1})).json()
    for wrong in (
        {"cursor": page["nextCursor"], "state": "stored"},
        {"cursor": "no-cursor"},
        {"state": "lost"},
        {"limit": 0},
        {"receivedFrom": "yesterday"},
        {"unknown": "1"},
    ):
        answer = await callers.admin.get("/quarantine", params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")


async def test_filters_choose_by_credential_state_and_arrival(
    callers: Callers, conninfo: str
) -> None:
    keep(conninfo, body_of(NOTIFICATION), credential="a", received_at="2026-05-01T00:00:00Z")
    keep(conninfo, b"{", credential="b", received_at="2026-05-02T00:00:00Z")
    keep(conninfo, b"{", credential="c", received_at="2026-05-03T00:00:00Z")
    await reprocessed(callers)
    for filters, expected in (
        ({"credential": ["a", "c"]}, "ca"),
        ({"state": "stored"}, "a"),
        ({"state": "refused"}, "cb"),
        ({"receivedFrom": "2026-05-02T00:00:00Z"}, "cb"),
        ({"receivedTo": "2026-05-02T00:00:00Z"}, "a"),
    ):
        items = await listed(callers, **filters)
        assert "".join(item["credential"] for item in items) == expected


@pytest.mark.parametrize(
    ("body", "encoding", "shown"),
    [
        ('{"ä": '.encode(), "utf-8", '{"ä": '),
        (b"", "utf-8", ""),
        (b"a\0b", "utf-8", "a\0b"),
        (b"\xff\xfe{", "base64", base64.b64encode(b"\xff\xfe{").decode()),
    ],
)
async def test_one_of_them_is_shown_with_its_headers_and_bytes(
    callers: Callers, body: bytes, encoding: str, shown: str
) -> None:
    headers = {"content-type": JSON, "x-tenant": "t", "cookie": "c=1"}
    await callers.sink.post("/notifications", content=body, headers=headers)
    [item] = await listed(callers)
    kept = (await callers.admin.get(f"/quarantine/{item['id']}")).json()
    assert (kept["bodyEncoding"], kept["body"]) == (encoding, shown)
    assert kept["headers"]["x-tenant"] == "t"
    assert not {"authorization", "cookie"} & set(kept["headers"])
    assert {name: kept[name] for name in item} == item


@pytest.mark.parametrize("reference", ["AAAAAAAAAAE", "_________w", "nonsense", "1", "%00", "ä"])
async def test_an_unknown_id_is_404(callers: Callers, reference: str) -> None:
    for method, path in (("GET", ""), ("POST", "/reprocess")):
        answer = await callers.admin.request(method, f"/quarantine/{reference}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_what_is_understood_by_now_is_stored_as_it_arrived(
    callers: Callers, conninfo: str
) -> None:
    keep(conninfo, body_of(NOTIFICATION), credential="another-sink")
    [answer] = await reprocessed(callers)
    assert answer["state"] == "stored"
    assert "reason" not in answer
    [event] = await callers.history(device=PHONE)
    assert (event["receivedAt"], event["credential"]) == (RECEIVED, "another-sink")
    [item] = await listed(callers)
    assert (item["state"], item["reprocessedAt"]) == ("stored", answer["reprocessedAt"])


async def test_every_mode_is_understood_as_at_the_door(callers: Callers, conninfo: str) -> None:
    attributes = {
        f"ce-{name}": str(value)
        for name, value in NOTIFICATION.items()
        if name not in {"data", "datacontenttype"}
    }
    data = body_of(NOTIFICATION["data"])
    keep(conninfo, data, headers=attributes | {"ce-id": "binary"})
    keep(conninfo, body_of({**NOTIFICATION, "id": "member"}), BATCH, is_member=True)
    keep(conninfo, body_of([{**NOTIFICATION, "id": n} for n in ("one", "two")]), BATCH)
    keep(conninfo, body_of(LEGACY_NOTIFICATION), "application/json; charset=utf-8")
    assert [answer["state"] for answer in await reprocessed(callers)] == ["stored"] * 4
    events = await callers.history(device=PHONE)
    assert sorted(event.get("eventId", "") for event in events) == [
        "", "binary", "member", "one", "two",
    ]  # fmt: skip


async def test_a_refused_member_of_a_batch_is_parsed_again_by_itself(
    callers: Callers, conninfo: str
) -> None:
    bad = deepcopy(NOTIFICATION)
    bad["specversion"] = None
    await callers.sink.post(
        "/notifications", content=body_of([bad]), headers={"content-type": BATCH}
    )
    [refused] = await reprocessed(callers)
    assert refused["reason"] == "neither a CloudEvent nor an object with an event object"
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE quarantine SET body = %s", [body_of(NOTIFICATION)])
    [stored] = await reprocessed(callers)
    assert stored["state"] == "stored"


async def test_of_a_batch_that_is_half_understood_the_rest_stays_refused(
    callers: Callers, conninfo: str
) -> None:
    keep(conninfo, body_of([NOTIFICATION, 1]), BATCH)
    for _ in range(2):
        [answer] = await reprocessed(callers)
        assert answer["state"] == "refused"
        assert answer["reason"].startswith("members 1 of the batch were refused")
    [event] = await callers.history(device=PHONE)
    assert event["deliveries"] == 1


async def test_what_is_refused_again_gets_the_reason_of_today(
    callers: Callers, conninfo: str
) -> None:
    keep(conninfo, b"[]")
    keep(conninfo, b"hello", "text/plain")
    for _ in range(2):
        not_an_object, not_json = await reprocessed(callers)
        assert (not_an_object["state"], not_an_object["reason"]) == (
            "refused",
            "must be a JSON object",
        )
        assert not_json["reason"].startswith("Content-Type must be")
    reasons = {item["reason"] for item in await listed(callers)}
    assert reasons == {not_an_object["reason"], not_json["reason"]}


async def test_reprocessing_counts_one_delivery_however_often_and_whatever_comes_between(
    callers: Callers, conninfo: str
) -> None:
    keep(conninfo, body_of(NOTIFICATION))
    await reprocessed(callers)
    # As if the mark had been lost after the commit.
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE quarantine SET state = 'refused'")
    await reprocessed(callers)
    [event] = await callers.history(device=PHONE)
    assert event["deliveries"] == 1
    assert (await callers.post(NOTIFICATION)).status_code == 204
    [again] = await reprocessed(callers)
    assert again["state"] == "stored"
    [event] = await callers.history(device=PHONE)
    assert event["deliveries"] == 2


async def test_admins_who_reprocess_at_once_store_it_once(callers: Callers, conninfo: str) -> None:
    keep(conninfo, body_of(NOTIFICATION))
    [item] = await listed(callers)
    path = f"/quarantine/{item['id']}/reprocess"
    answers = await asyncio.gather(*(callers.admin.post(path) for _ in range(8)))
    assert {(answer.status_code, answer.json()["state"]) for answer in answers} == {(200, "stored")}
    [event] = await callers.history(device=PHONE)
    assert event["deliveries"] == 1


NASTY = [
    b"",
    b"\0",
    b"\xff" * 100,
    b"[" * 100_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
    b'{"specversion": "1.0", "id": "\\ud800", "source": "s", "type": "t"}',
    b'{"specversion": "1.0", "id": "\\u0000", "source": "s", "type": "t"}',
    b'{"specversion": "1.0", "id": 1e400, "source": [], "type": {}}',
    b"[" + b"1," * 5000 + b"1]",
]
HEADERS: list[dict[str, str]] = [
    {"ce-specversion": "1.0"},
    {"ce-specversion": "1.0", "ce-id": "%00", "ce-type": "%ff", "ce-source": "ÿ"},
]


@pytest.mark.parametrize("body", NASTY, ids=[str(body[:40]) for body in NASTY])
async def test_no_bytes_are_answered_500(callers: Callers, conninfo: str, body: bytes) -> None:
    for media_type in (JSON, BATCH, "application/cloudevents+json", "x/y", "", None):
        keep(conninfo, body, media_type)
        keep(conninfo, body, media_type, is_member=True)
        for headers in HEADERS:
            keep(conninfo, body, media_type, headers=headers)
    assert {answer["state"] for answer in await reprocessed(callers)} == {"refused"}


async def test_every_reprocessing_leaves_an_audit_line_without_content(
    callers: Callers, conninfo: str
) -> None:
    keep(conninfo, b'{"v3ry": "pr1vate"}')
    [item] = await listed(callers)
    headers = {"x-correlator": "trace-1"}
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logged:
        await callers.admin.post(f"/quarantine/{item['id']}/reprocess", headers=headers)
        await callers.admin.post("/quarantine/AAAAAAAAAP8/reprocess", headers=headers)
    line = {
        "event": "audit",
        "log_level": "info",
        "correlator": "trace-1",
        "action": "quarantine.reprocess",
        "credential": "the-admin",
    }
    assert logged == [
        {**line, "quarantine": item["id"], "outcome": "refused"},
        {**line, "quarantine": "AAAAAAAAAP8", "outcome": "RefusalNotFound"},
    ]


async def test_a_database_that_went_away_is_503_and_leaves_it_refused(
    callers: Callers, conninfo: str
) -> None:
    keep(conninfo, body_of(NOTIFICATION))
    [item] = await listed(callers)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("ALTER TABLE event RENAME TO event_away")
        answer = await callers.admin.post(f"/quarantine/{item['id']}/reprocess")
        connection.execute("ALTER TABLE event_away RENAME TO event")
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert [item["state"] for item in await listed(callers)] == ["refused"]
    assert [answer["state"] for answer in await reprocessed(callers)] == ["stored"]


@asynccontextmanager
async def receiver_of(settings: Settings, callers: Callers) -> AsyncIterator[httpx.AsyncClient]:
    """Another process of the service; its client carries the sink's token."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        headers = {**callers.sink.headers, "content-type": JSON}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://x.invalid", headers=headers
        ) as client:
            yield client


async def test_a_full_quarantine_is_503_until_there_is_room_again_and_drops_nothing(
    callers: Callers, settings: Settings
) -> None:
    tight = settings.model_copy(update={"quarantine_limit_bytes": 2048})
    bad = b"{".ljust(1024)
    async with receiver_of(tight, callers) as sink:
        assert (await sink.post("/notifications", content=bad)).status_code == 400
        answer = await sink.post("/notifications", content=bad)
        assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
        assert int(answer.headers["retry-after"]) > 0
        assert len(await listed(callers)) == 1
        assert (await sink.post("/notifications", content=body_of(NOTIFICATION))).status_code == 204


async def test_what_reprocessing_stored_makes_room(
    callers: Callers, settings: Settings, conninfo: str
) -> None:
    # Postgres compresses what repeats itself.
    keep(conninfo, body_of({**NOTIFICATION, "padding": secrets.token_urlsafe(4096)}))
    tight = settings.model_copy(update={"quarantine_limit_bytes": 2048})
    async with receiver_of(tight, callers) as sink:
        assert (await sink.post("/notifications", content=b"{")).status_code == 503
        await reprocessed(callers)
        while (await sink.post("/notifications", content=b"{")).status_code == 503:
            await asyncio.sleep(0.02)
    assert [item["state"] for item in await listed(callers)] == ["refused"]


async def test_nothing_of_a_stranger_is_kept(callers: Callers) -> None:
    for client in (callers.nobody, callers.reader, callers.admin):
        answer = await client.post("/notifications", content=b"{", headers={"content-type": JSON})
        assert answer.status_code in {401, 403}
    assert await listed(callers) == []
