"""The quarantine: shown to admins, and never larger than it may be."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from receiver.app.application import create_app
from receiver.events.examples import NOTIFICATION
from receiver.settings.settings import Settings
from receiver.store.quarantine import bounds
from tests.support.callers import Callers
from tests.support.refused import JSON, body_of, keep, listed, reprocessed

CALLS = [("GET", ""), ("GET", "/AAAAAAAAAAE"), ("POST", "/AAAAAAAAAAE/reprocess")]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_nobody_but_an_admin_is_let_in(
    shared_callers: Callers, method: str, path: str
) -> None:
    for client, status, code in (
        (shared_callers.nobody, 401, "UNAUTHENTICATED"),
        (shared_callers.sink, 403, "PERMISSION_DENIED"),
        (shared_callers.reader, 403, "PERMISSION_DENIED"),
    ):
        answer = await client.request(method, f"/quarantine{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_list_shows_what_was_refused_without_what_was_sent(
    emptied_callers: Callers,
) -> None:
    refused = await emptied_callers.sink.post(
        "/notifications", content=b'{"private": 1}', headers={"content-type": JSON}
    )
    answer = await emptied_callers.admin.get("/quarantine")
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
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    for number in range(7):
        # Two of each time: the key decides between them.
        keep(callers_conninfo, b"{", received_at=f"2026-05-01T10:00:0{number // 2}Z")
    newest_first = [item["id"] for item in await listed(emptied_callers, limit=1000)]
    times = [item["receivedAt"] for item in await listed(emptied_callers)]
    assert times == sorted(times, reverse=True)
    for order, expected in (("desc", newest_first), ("asc", newest_first[::-1])):
        seen: list[str] = []
        filters: dict[str, Any] = {"limit": 3, "order": order}
        while True:
            page = (await emptied_callers.admin.get("/quarantine", params=filters)).json()
            seen += [item["id"] for item in page["items"]]
            if "nextCursor" not in page:
                break
            filters["cursor"] = page["nextCursor"]
        assert seen == expected


async def test_a_cursor_belongs_to_its_filters(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    for _ in range(2):
        keep(callers_conninfo, b"{")
    page = (await emptied_callers.admin.get("/quarantine", params={"limit": 1})).json()
    for wrong in (
        {"cursor": page["nextCursor"], "state": "stored"},
        {"cursor": "no-cursor"},
        {"state": "lost"},
        {"limit": 0},
        {"receivedFrom": "yesterday"},
        {"unknown": "1"},
    ):
        answer = await emptied_callers.admin.get("/quarantine", params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")


async def test_filters_choose_by_credential_state_and_arrival(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(
        callers_conninfo, body_of(NOTIFICATION), credential="a", received_at="2026-05-01T00:00:00Z"
    )
    keep(callers_conninfo, b"{", credential="b", received_at="2026-05-02T00:00:00Z")
    keep(callers_conninfo, b"{", credential="c", received_at="2026-05-03T00:00:00Z")
    await reprocessed(emptied_callers)
    for filters, expected in (
        ({"credential": ["a", "c"]}, "ca"),
        ({"state": "stored"}, "a"),
        ({"state": "refused"}, "cb"),
        ({"receivedFrom": "2026-05-02T00:00:00Z"}, "cb"),
        ({"receivedTo": "2026-05-02T00:00:00Z"}, "a"),
    ):
        items = await listed(emptied_callers, **filters)
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
    emptied_callers: Callers, body: bytes, encoding: str, shown: str
) -> None:
    headers = {"content-type": JSON, "user-agent": "operator", "x-tenant": "t", "cookie": "c=1"}
    await emptied_callers.sink.post("/notifications", content=body, headers=headers)
    [item] = await listed(emptied_callers)
    kept = (await emptied_callers.admin.get(f"/quarantine/{item['id']}")).json()
    assert (kept["bodyEncoding"], kept["body"]) == (encoding, shown)
    assert kept["headers"]["user-agent"] == "operator"
    assert not {"authorization", "cookie", "x-tenant"} & set(kept["headers"])
    assert {name: kept[name] for name in item} == item


@pytest.mark.parametrize("reference", ["AAAAAAAAAAE", "_________w", "nonsense", "1", "%00", "ä"])
async def test_an_unknown_id_is_404(shared_callers: Callers, reference: str) -> None:
    for method, path in (("GET", ""), ("POST", "/reprocess")):
        answer = await shared_callers.admin.request(method, f"/quarantine/{reference}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


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
    tight = settings.model_copy(update={"quarantine_limit_bytes": 4 * 2048})
    bad = b"{".ljust(1024)
    async with receiver_of(tight, callers) as sink:
        assert (await sink.post("/notifications", content=bad)).status_code == 400
        answer = await sink.post("/notifications", content=bad)
        assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
        assert int(answer.headers["retry-after"]) > 0
        assert len(await listed(callers)) == 1
        assert (await sink.post("/notifications", content=body_of(NOTIFICATION))).status_code == 204


async def test_what_reprocessing_stored_makes_room(
    callers: Callers, settings: Settings, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "REFRESH_SECONDS", 0.1)
    # Postgres compresses what repeats itself.
    keep(conninfo, body_of({**NOTIFICATION, "padding": secrets.token_urlsafe(4096)}))
    tight = settings.model_copy(update={"quarantine_limit_bytes": 4 * 2048})
    async with receiver_of(tight, callers) as sink:
        assert (await sink.post("/notifications", content=b"{")).status_code == 503
        await reprocessed(callers)
        while (await sink.post("/notifications", content=b"{")).status_code == 503:
            await asyncio.sleep(0.02)
    assert [item["state"] for item in await listed(callers)] == ["refused"]


async def test_nothing_of_a_stranger_is_kept(emptied_callers: Callers) -> None:
    for client in (emptied_callers.nobody, emptied_callers.reader, emptied_callers.admin):
        answer = await client.post("/notifications", content=b"{", headers={"content-type": JSON})
        assert answer.status_code in {401, 403}
    assert await listed(emptied_callers) == []
