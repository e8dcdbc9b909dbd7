"""CloudEvents' HTTP modes: structured, batch and binary say the same thing."""

import json
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

from receiver.app.application import create_app
from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.settings.settings import Settings
from tests.support.callers import Callers

BATCH = "application/cloudevents-batch+json"
PHONE = {"phoneNumber": "+99999991000"}


def notification(number: int, **members: Any) -> dict[str, Any]:
    made: dict[str, Any] = deepcopy(NOTIFICATION)
    return made | {"id": f"n-{number}"} | members


def bad(number: int) -> dict[str, Any]:
    made = notification(number)
    made["data"]["subscriptionId"] = ["s-1"]
    return made


async def post_batch(callers: Callers, members: list[Any] | bytes) -> httpx.Response:
    content = members if isinstance(members, bytes) else json.dumps(members).encode()
    return await callers.sink.post(
        "/notifications", content=content, headers={"content-type": f"{BATCH}; charset=utf-8"}
    )


async def post_binary(callers: Callers, event: dict[str, Any], **headers: str) -> httpx.Response:
    attributes = {
        f"ce-{name}": quote(str(value), safe=":/ ")
        for name, value in event.items()
        if name not in {"data", "datacontenttype"}
    }
    return await callers.sink.post(
        "/notifications",
        content=json.dumps(event["data"]),
        headers={"content-type": "application/json", **attributes, **headers},
    )


def quarantined(conninfo: str) -> list[tuple[str, bytes]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute("SELECT reason, body FROM quarantine ORDER BY id").fetchall()


async def test_a_batch_is_204_once_every_member_is_stored(emptied_callers: Callers) -> None:
    members = [notification(number) for number in range(50)]
    assert (await post_batch(emptied_callers, [*members, LEGACY_NOTIFICATION])).status_code == 204
    events = await emptied_callers.history(device=PHONE, limit=1000)
    assert len(events) == 51
    assert {event["form"] for event in events} == {"cloudevents", "legacy"}


async def test_an_empty_batch_is_204(emptied_callers: Callers) -> None:
    assert (await post_batch(emptied_callers, [])).status_code == 204


async def test_of_a_batch_only_the_bad_members_are_refused_and_named(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    members: list[Any] = [notification(number) for number in range(6)]
    members[1], members[4] = bad(1), "no event"
    answer = await post_batch(emptied_callers, members)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert "1, 4" in answer.json()["message"]
    assert "[1] data.subscriptionId" in answer.json()["message"]
    kept = [json.loads(body) for _, body in quarantined(callers_conninfo)]
    assert kept == [members[1], members[4]]
    events = await emptied_callers.history(device=PHONE)
    assert sorted(event["eventId"] for event in events) == ["n-0", "n-2", "n-3", "n-5"]


async def test_refused_neighbours_are_named_together(emptied_callers: Callers) -> None:
    answer = await post_batch(emptied_callers, [1, 2, 3, notification(3), 5, notification(5), 7, 8])
    assert answer.json()["message"].startswith("members 0-2, 4, 6-7 of the batch were refused: ")


async def test_sending_a_batch_again_is_harmless(emptied_callers: Callers) -> None:
    members = [notification(1), bad(2), notification(3), notification(1)]
    for _ in range(2):
        assert (await post_batch(emptied_callers, members)).status_code == 400
    events = await emptied_callers.history(device=PHONE)
    assert {event["eventId"]: event["deliveries"] for event in events} == {"n-1": 4, "n-3": 2}


async def test_a_member_is_kept_to_the_letter(emptied_callers: Callers) -> None:
    letter = b'{ "specversion":"1.0",\n"id" : "1","source":"s","type":"t.x", "data":[ 1.0 ] }'
    assert (await post_batch(emptied_callers, b"[ " + letter + b" ]")).status_code == 204
    [listed] = (await emptied_callers.reader.get("/events")).json()["items"]
    shown = await emptied_callers.reader.get(f"/events/{listed['id']}")
    assert shown.content.endswith(b',"payload":' + letter + b"}")


@pytest.mark.parametrize("body", [b"", b"{}", b'[{"id": 1}', b"[1 2]"])
async def test_what_is_no_batch_is_refused_and_kept_whole(
    emptied_callers: Callers, callers_conninfo: str, body: bytes
) -> None:
    answer = await post_batch(emptied_callers, body)
    assert answer.status_code == 400
    assert [kept for _, kept in quarantined(callers_conninfo)] == [body]


async def test_a_batch_of_too_many_members_is_413(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    assert (await post_batch(emptied_callers, [1] * 1001)).status_code == 413
    assert quarantined(callers_conninfo) == []


async def test_binary_mode_says_the_same_as_structured(emptied_callers: Callers) -> None:
    assert (await emptied_callers.post(NOTIFICATION)).status_code == 204
    assert (await post_binary(emptied_callers, NOTIFICATION)).status_code == 204
    assert (await post_batch(emptied_callers, [NOTIFICATION])).status_code == 204
    [event] = await emptied_callers.history(device=PHONE)
    assert event["deliveries"] == 3


async def test_the_letter_of_binary_mode_is_the_structured_event_around_the_body(
    emptied_callers: Callers,
) -> None:
    assert (await post_binary(emptied_callers, notification(1, subject="a b"))).status_code == 204
    [event] = await emptied_callers.history(device=PHONE)
    shown = (await emptied_callers.reader.get(f"/events/{event['id']}")).json()
    assert shown["payload"] == notification(1, subject="a b")


async def test_a_fault_in_binary_mode_names_the_header(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    unnamed = {name: value for name, value in NOTIFICATION.items() if name != "id"}
    answer = await post_binary(emptied_callers, unnamed)
    assert (answer.status_code, answer.json()["message"]) == (400, "ce-id: missing")
    assert len(quarantined(callers_conninfo)) == 1


async def test_a_structured_event_with_stray_headers_stays_structured(
    emptied_callers: Callers,
) -> None:
    headers = {"content-type": "application/cloudevents+json", "ce-specversion": "1.0"}
    assert (await emptied_callers.post(NOTIFICATION, headers=headers)).status_code == 204
    [event] = await emptied_callers.history(device=PHONE)
    assert event["eventId"] == NOTIFICATION["id"]


@pytest.mark.parametrize(
    "media_type",
    ["application/cloudevents+avro", "application/cloudevents-batch+xml", "text/plain"],
)
async def test_other_formats_are_415(emptied_callers: Callers, media_type: str) -> None:
    headers = {"content-type": media_type, "ce-specversion": "1.0"}
    answer = await emptied_callers.sink.post("/notifications", content=b"x", headers=headers)
    assert answer.status_code == 415


async def test_a_batch_that_cannot_all_be_stored_is_503_and_may_be_sent_again(
    callers: Callers, settings: Settings
) -> None:
    small = create_app(settings.model_copy(update={"queue_limit": 5}))
    members = [notification(number) for number in range(20)]
    async with small.router.lifespan_context(small):
        transport = httpx.ASGITransport(small)
        headers = {**callers.sink.headers, "content-type": BATCH}
        async with httpx.AsyncClient(transport=transport, base_url="http://x.invalid") as sink:
            answer = await sink.post("/notifications", json=members, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert (await post_batch(callers, members)).status_code == 204
    assert len(await callers.history(device=PHONE)) == 20
