"""Compressed bodies, and bodies that their headers do not describe, at the sink and again later."""

import gzip
import json
import zlib
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from tests.support.callers import Callers
from tests.support.refused import keep, listed, reprocessed

JSON = {"content-type": "application/json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
BINARY = {
    f"ce-{name}": str(value)
    for name, value in NOTIFICATION.items()
    if name not in {"data", "datacontenttype"}
}
PHONE = {"phoneNumber": "+99999991000"}
BODY = json.dumps(NOTIFICATION).encode()
BAD = json.dumps({**NOTIFICATION, "time": "noon"}).encode()
WAYS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("identity", bytes),
]


async def post(callers: Callers, body: bytes, *heads: dict[str, str]) -> httpx.Response:
    headers = {name: value for head in heads for name, value in head.items()}
    return await callers.sink.post("/notifications", content=body, headers=headers)


def in_base64(notification: dict[str, Any]) -> bytes:
    data = b64encode(json.dumps(notification["data"]).encode()).decode()
    rest = {name: value for name, value in notification.items() if name != "data"}
    return json.dumps({**rest, "data_base64": data}).encode()


def quarantined(conninfo: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute("SELECT body, headers, is_member FROM quarantine").fetchall()


@pytest.mark.parametrize(("coding", "compress"), WAYS)
async def test_a_compressed_body_says_the_same_in_every_mode(
    emptied_callers: Callers, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    coded = {"content-encoding": coding}
    data = json.dumps(NOTIFICATION["data"]).encode()
    assert (await emptied_callers.post(NOTIFICATION)).status_code == 204
    assert (await post(emptied_callers, compress(BODY), JSON, coded)).status_code == 204
    assert (
        await post(emptied_callers, compress(b"[" + BODY + b"]"), BATCH, coded)
    ).status_code == 204
    assert (await post(emptied_callers, compress(data), JSON, BINARY, coded)).status_code == 204
    [event] = await emptied_callers.history(device=PHONE)
    assert (event["deliveries"], event["findings"]) == (4, [])
    shown = await emptied_callers.reader.get(f"/events/{event['id']}")
    assert shown.json()["payload"] == NOTIFICATION


async def test_data_in_base64_says_the_same_in_every_mode_that_has_it(
    emptied_callers: Callers,
) -> None:
    body = in_base64(NOTIFICATION)
    assert (await emptied_callers.post(NOTIFICATION)).status_code == 204
    assert (await post(emptied_callers, body, JSON)).status_code == 204
    assert (await post(emptied_callers, b"[" + body + b"]", BATCH)).status_code == 204
    compressed = gzip.compress(body)
    assert (
        await post(emptied_callers, compressed, JSON, {"content-encoding": "gzip"})
    ).status_code == 204
    [event] = await emptied_callers.history(device=PHONE)
    assert (event["deliveries"], event["findings"]) == (4, [])


async def test_another_coding_is_415_tells_what_is_accepted_and_is_kept(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    answer = await post(emptied_callers, b"\x0b\x02\x80", JSON, {"content-encoding": "br"})
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.json()["message"] == (
        "Content-Encoding must be gzip, deflate or identity, not br"
    )
    assert answer.headers["accept-encoding"] == "gzip, deflate"
    [(body, headers, _)] = quarantined(callers_conninfo)
    assert (bytes(body), headers["content-encoding"]) == (b"\x0b\x02\x80", "br")
    another = await post(emptied_callers, b"hello", {"content-type": "text/plain"})
    assert "accept-encoding" not in another.headers


async def test_a_bomb_is_413_and_not_kept(emptied_callers: Callers, callers_conninfo: str) -> None:
    for body in (b" " * 262_145, b" " * 20_000_000):
        answer = await post(
            emptied_callers, gzip.compress(body), JSON, {"content-encoding": "gzip"}
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert quarantined(callers_conninfo) == []


@pytest.mark.parametrize(
    "body",
    [gzip.compress(BODY)[:-9], gzip.compress(BODY)[:5] + b"\xff" * 40, b"", b"hello"],
    ids=["cut off", "overwritten", "empty", "plain"],
)
async def test_a_body_that_cannot_be_decompressed_is_400_and_kept_as_it_came(
    emptied_callers: Callers, callers_conninfo: str, body: bytes
) -> None:
    answer = await post(emptied_callers, body, JSON, {"content-encoding": "gzip"})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("content-encoding: ")
    [(kept, headers, _)] = quarantined(callers_conninfo)
    assert (bytes(kept), headers["content-encoding"]) == (body, "gzip")
    assert [item["state"] for item in await reprocessed(emptied_callers)] == ["refused"]


async def test_a_compressed_notification_that_is_refused_is_kept_as_it_came(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    compressed = gzip.compress(BAD)
    answer = await post(emptied_callers, compressed, JSON, {"content-encoding": "gzip"})
    assert (answer.status_code, answer.json()["message"][:5]) == (400, "time:")
    [(kept, _, is_member)] = quarantined(callers_conninfo)
    assert (bytes(kept), is_member) == (compressed, False)
    [again] = await reprocessed(emptied_callers)
    assert (again["state"], again["reason"]) == ("refused", answer.json()["message"])


async def test_a_refused_member_of_a_compressed_batch_is_kept_as_json(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    batch = gzip.compress(b"[" + BODY + b", " + BAD + b"]")
    answer = await post(emptied_callers, batch, BATCH, {"content-encoding": "gzip"})
    assert answer.status_code == 400
    [(kept, _, is_member)] = quarantined(callers_conninfo)
    assert (bytes(kept), is_member) == (BAD, True)
    with psycopg.connect(callers_conninfo) as connection:
        connection.execute("UPDATE quarantine SET body = %s", [BODY])
    assert [item["state"] for item in await reprocessed(emptied_callers)] == ["stored"]


async def test_what_an_older_release_refused_is_understood_by_now(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    def sent(number: int) -> bytes:
        return json.dumps({**NOTIFICATION, "id": str(number)}).encode()

    data = json.dumps(NOTIFICATION["data"]).encode()
    keep(callers_conninfo, gzip.compress(sent(1)), headers={"content-encoding": "gzip"})
    keep(
        callers_conninfo,
        zlib.compress(b"[" + sent(2) + b"]"),
        headers={"content-encoding": "deflate"},
    )
    keep(
        callers_conninfo,
        gzip.compress(data),
        headers={**BINARY, "content-encoding": "gzip", "ce-id": "3"},
    )
    keep(callers_conninfo, data, None, headers=BINARY | {"ce-id": "4", "ce-subject": "load 50%"})
    keep(callers_conninfo, b"[" + sent(5) + b"," + sent(6) + b"]")
    keep(callers_conninfo, sent(7), "application/json, application/json")
    keep(callers_conninfo, sent(8), None)
    keep(callers_conninfo, in_base64({**NOTIFICATION, "id": "9"}))
    assert {item["state"] for item in await reprocessed(emptied_callers)} == {"stored"}
    events = await emptied_callers.history(device=PHONE)
    assert sorted(event["eventId"] for event in events) == [*"123456789"]


async def test_a_bomb_that_an_older_release_kept_stays_refused(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(callers_conninfo, gzip.compress(b" " * 1_000_000), headers={"content-encoding": "gzip"})
    [answer] = await reprocessed(emptied_callers)
    assert (answer["state"], answer["reason"]) == (
        "refused",
        "The body is larger than its limit once it is decompressed",
    )


@pytest.mark.parametrize(
    ("body", "headers", "finding"),
    [
        (b"[" + BODY + b"]", JSON, "content-type-mismatch"),
        (BODY, BATCH, "content-type-mismatch"),
        (BODY, {}, "content-type-mismatch"),
        (BODY, {"content-type": "application/json, application/json"}, "content-type-mismatch"),
        (gzip.compress(BODY, mtime=0), JSON, "content-encoding-mismatch"),
        (BODY, JSON | {"content-encoding": "gzip"}, "content-encoding-mismatch"),
    ],
)
async def test_what_has_one_reading_is_taken_with_a_finding_whatever_the_headers_say(
    emptied_callers: Callers, body: bytes, headers: dict[str, str], finding: str
) -> None:
    assert (await post(emptied_callers, body, headers)).status_code == 204
    assert (await emptied_callers.post(NOTIFICATION)).status_code == 204
    [event] = await emptied_callers.history(device=PHONE)
    assert (event["deliveries"], event["findings"]) == (2, [finding])


@pytest.mark.parametrize("media_type", ["text/json", "application/vnd.operator+json"])
async def test_json_under_another_name_is_json(emptied_callers: Callers, media_type: str) -> None:
    head = {"content-type": media_type}
    older = json.dumps(LEGACY_NOTIFICATION).encode()
    data = json.dumps(NOTIFICATION["data"]).encode()
    for answer in (
        await post(emptied_callers, BODY, head),
        await post(emptied_callers, data, head, BINARY),
        await post(emptied_callers, older, head),
    ):
        assert answer.status_code == 204
    events = await emptied_callers.history(device=PHONE)
    assert [(event["deliveries"], event["findings"]) for event in events] == [(1, []), (2, [])]


async def test_an_array_under_json_is_refused_member_by_member(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    answer = await post(emptied_callers, b"[" + BODY + b"," + BAD + b"]", JSON)
    assert (answer.status_code, answer.json()["message"][:9]) == (400, "members 1")
    assert [(bytes(body), is_member) for body, _, is_member in quarantined(callers_conninfo)] == [
        (BAD, True)
    ]
    assert len(await emptied_callers.history(device=PHONE)) == 1
    assert (await post(emptied_callers, b"[" + b"1," * 1000 + b"1]", JSON)).status_code == 413
    assert [item["state"] for item in await listed(emptied_callers)] == ["refused"]
