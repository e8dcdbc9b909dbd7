"""The sink's answers."""

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import httpx
import psycopg
import pytest
from structlog.testing import capture_logs

from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from tests.support.callers import Callers
from tests.support.tables import away

PHONE = {"phoneNumber": "+99999991000"}
QUARANTINE = "SELECT reason, media_type, headers, body, credential FROM quarantine"


def quarantined(conninfo: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(QUARANTINE).fetchall()


def changed(**members: Any) -> dict[str, Any]:
    return {**deepcopy(NOTIFICATION), **members}


async def test_a_cloudevent_is_204_without_a_body_and_comes_back(emptied_callers: Callers) -> None:
    answer = await emptied_callers.post(NOTIFICATION)
    assert (answer.status_code, answer.content) == (204, b"")
    [event] = await emptied_callers.history(device=PHONE)
    assert {name: event[name] for name in ("kind", "name", "status", "findings", "form")} == {
        "kind": "roaming",
        "name": "roaming-change-country",
        "status": {"roaming": True, "countryCode": 208, "countryName": ["FR"]},
        "findings": [],
        "form": "cloudevents",
    }
    assert event["occurredAt"] == "2026-04-17T07:31:01.416474Z"
    assert event["credential"] == "the-sink"


async def test_the_older_form_is_204_and_comes_back_for_the_same_device(
    emptied_callers: Callers,
) -> None:
    await emptied_callers.post(NOTIFICATION)
    answer = await emptied_callers.post(LEGACY_NOTIFICATION)
    assert answer.status_code == 204
    newest, oldest = await emptied_callers.history(device=PHONE)
    assert newest["status"] == {"connectivity": "CONNECTED"}
    assert (newest["form"], newest["type"]) == ("legacy", "CONNECTIVITY")
    assert "source" not in newest
    assert newest["deviceId"] == oldest["deviceId"]


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/cloudevents+json",
        "application/cloudevents+json; charset=UTF-8",
        "Application/JSON;charset=utf-8",
    ],
)
@pytest.mark.parametrize("notification", [NOTIFICATION, LEGACY_NOTIFICATION])
async def test_both_forms_come_under_both_media_types(
    shared_callers: Callers, media_type: str, notification: dict[str, Any]
) -> None:
    answer = await shared_callers.post(notification, headers={"content-type": media_type})
    assert answer.status_code == 204


async def test_the_same_again_is_a_delivery_whatever_its_spacing_and_key_order(
    emptied_callers: Callers,
) -> None:
    backwards = dict(reversed(NOTIFICATION.items())) | {"traceparent": "00-1-2-01"}
    for notification in (NOTIFICATION, backwards):
        assert (await emptied_callers.post(notification)).status_code == 204
    [event] = await emptied_callers.history(device=PHONE)
    assert event["deliveries"] == 2


async def test_a_reused_id_that_says_something_else_is_another_event(
    emptied_callers: Callers,
) -> None:
    for minute in (1, 2):
        await emptied_callers.post(changed(time=f"2026-04-17T07:0{minute}:00Z"))
    assert len(await emptied_callers.history(device=PHONE)) == 2


async def test_a_type_nobody_knows_is_kept_whole(emptied_callers: Callers) -> None:
    answer = await emptied_callers.post(changed(type="org.camaraproject.qod.v0.qos-status-changed"))
    assert answer.status_code == 204
    [event] = await emptied_callers.history(device=PHONE, kind="unrecognised")
    assert event["name"] == "qos-status-changed"
    assert event["status"] == {}


BROKEN = [
    (b'{"id": "1",\n "source" "x"}', "line 2 column"),
    (b"", "line 1 column 1"),
    (b"17", "object"),
    (b"{}", ""),
    (b'{"specversion": "1.0"}', "id"),
    (b'{"a": NaN}', "line 1"),
]


@pytest.mark.parametrize(("body", "named"), BROKEN, ids=[str(body) for body, _ in BROKEN])
async def test_what_is_no_notification_is_400_names_the_place_and_is_kept(
    emptied_callers: Callers, callers_conninfo: str, body: bytes, named: str
) -> None:
    headers = {
        "content-type": "application/json",
        "user-agent": "operator",
        "x-tenant": "t",
        "cookie": "c=1",
    }
    answer = await emptied_callers.sink.post("/notifications", content=body, headers=headers)
    assert answer.status_code == 400
    error = answer.json()
    assert (error["status"], error["code"]) == (400, "INVALID_ARGUMENT")
    assert named in error["message"]
    [(reason, media_type, kept_headers, kept, credential)] = quarantined(callers_conninfo)
    assert (kept, reason, media_type) == (body, error["message"], "application/json")
    assert credential == "the-sink"
    assert kept_headers["user-agent"] == "operator"
    assert not {"authorization", "cookie", "x-tenant"} & set(kept_headers)


async def test_impossible_data_of_a_known_type_is_400_and_names_the_member(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    bad = changed(type="org.camaraproject.device-status.v0.roaming-status")
    bad["data"]["subscriptionId"] = ["perhaps-not"]
    answer = await emptied_callers.post(bad)
    assert answer.status_code == 400
    assert "data.subscriptionId" in answer.json()["message"]
    assert "perhaps-not" not in answer.text
    assert len(quarantined(callers_conninfo)) == 1
    assert (
        await emptied_callers.reader.post("/events/retrieve", json={"device": PHONE})
    ).status_code == 404


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "text/html"])
async def test_what_is_not_json_is_415_and_kept(
    emptied_callers: Callers, callers_conninfo: str, media_type: str
) -> None:
    answer = await emptied_callers.sink.post(
        "/notifications", content=b"hello", headers={"content-type": media_type}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert [row[3] for row in quarantined(callers_conninfo)] == [b"hello"]


async def test_a_body_over_the_limit_is_413_declared_or_not(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    async def in_chunks() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 1024

    for content in (b" " * 300 * 1024, in_chunks()):
        answer = await emptied_callers.sink.post(
            "/notifications", content=content, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["status"]) == (413, 413)
    assert quarantined(callers_conninfo) == []


async def test_a_body_of_exactly_the_limit_is_read(emptied_callers: Callers) -> None:
    body = b"{}".ljust(262_144)
    answer = await emptied_callers.sink.post(
        "/notifications", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400


async def test_a_caller_without_the_role_is_refused_before_the_body_is_read(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    for client, status in (
        (emptied_callers.nobody, 401),
        (emptied_callers.reader, 403),
        (emptied_callers.admin, 403),
    ):
        head = client.build_request("POST", "/notifications", content=b"{}")
        url = client.base_url
        reader, writer = await asyncio.open_connection(url.host, url.port)
        lines = [f"{name}: {value}" for name, value in head.headers.items()]
        # No body follows.
        writer.write("\r\n".join(["POST /notifications HTTP/1.1", *lines, "", ""]).encode())
        assert await reader.readuntil(b" ") + await reader.readexactly(3) == (
            f"HTTP/1.1 {status}".encode()
        )
        writer.close()
        await writer.wait_closed()
    assert quarantined(callers_conninfo) == []


async def test_everything_that_arrives_together_is_stored_once_each(
    emptied_callers: Callers,
) -> None:
    notifications = [changed(id=f"n-{number % 40}") for number in range(120)]
    answers = await asyncio.gather(*(emptied_callers.post(sent) for sent in notifications))
    assert {answer.status_code for answer in answers} == {204}
    events = await emptied_callers.history(device=PHONE, limit=1000)
    assert sorted(event["eventId"] for event in events) == sorted(f"n-{n}" for n in range(40))
    assert {event["deliveries"] for event in events} == {3}


async def test_content_only_postgres_refuses_is_the_senders_400_and_its_neighbours_204(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    """An index entry of Postgres holds 2700 bytes; nothing before the insert knows that."""
    bad = changed(id="too-long-for-an-index")
    identifier = "".join(chr(0x4E00 + (7919 * n) % 20000) for n in range(2000))
    bad["data"]["device"] = {"networkAccessIdentifier": identifier}
    good = [changed(id=f"good-{number}") for number in range(20)]
    answers = await asyncio.gather(
        *(emptied_callers.post(sent) for sent in [*good[:10], bad, *good[10:]])
    )
    assert [answer.status_code for answer in answers] == [204] * 10 + [400] + [204] * 10
    assert len(quarantined(callers_conninfo)) == 1


async def test_a_database_that_went_away_is_503_with_retry_after(
    impatient_callers: Callers, conninfo: str
) -> None:
    callers = impatient_callers
    await callers.post(NOTIFICATION)
    async with away(conninfo, "event"):
        answer = await callers.post(changed(id="n-2"))
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0
    assert (await callers.post(changed(id="n-2"))).status_code == 204


async def test_a_quarantine_that_cannot_be_written_is_503(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    async with away(callers_conninfo, "quarantine"):
        answer = await emptied_callers.sink.post(
            "/notifications", content=b"{", headers={"content-type": "application/json"}
        )
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")


async def test_no_refusal_repeats_what_was_sent(
    callers: Callers,
) -> None:
    private = "v3ry-pr1vate"
    bodies: list[dict[str, Any]] = [
        changed(time=private),
        changed(specversion=None, event={"eventType": private}),
        changed(data=private),
        changed(data=[{private: private}]),
        changed(data={"subscriptionId": {private: private}}),
        changed(data={"subscriptionId": private * 100}),
        changed(id={private: private}),
        {private: private},
    ]
    with capture_logs() as logged:
        answers: list[httpx.Response] = [await callers.post(body) for body in bodies]
    assert [answer.status_code for answer in answers] == [400] * len(bodies)
    assert private not in "".join(answer.text for answer in answers)
    assert len(logged) == len(bodies)
    assert private not in str(logged)
