"""What was refused is parsed again, and stored once as it arrived if it is understood by now."""

import asyncio
from copy import deepcopy

import psycopg
import pytest
import structlog
from structlog.testing import capture_logs

from receiver.events.examples import LEGACY_NOTIFICATION, NOTIFICATION
from receiver.store.credentials.credentials import Role, create_credential
from tests.support.callers import Callers
from tests.support.refused import JSON, RECEIVED, body_of, keep, listed, reprocessed
from tests.support.tables import away

BATCH = "application/cloudevents-batch+json"
PHONE = {"phoneNumber": "+99999991000"}


async def test_what_is_understood_by_now_is_stored_as_it_arrived(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(callers_conninfo, body_of(NOTIFICATION), credential="another-sink")
    [answer] = await reprocessed(emptied_callers)
    assert answer["state"] == "stored"
    assert "reason" not in answer
    [event] = await emptied_callers.history(device=PHONE)
    assert (event["receivedAt"], event["credential"]) == (RECEIVED, "another-sink")
    [item] = await listed(emptied_callers)
    assert (item["state"], item["reprocessedAt"]) == ("stored", answer["reprocessedAt"])


async def test_what_the_credential_may_not_send_stays_refused(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    limits = {"types": ["*.roaming-status"], "sources": ["https://operator.invalid/*"]}
    create_credential(callers_conninfo, "limited", Role.SINK, b"digest", None, **limits)
    legal = {
        "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-status",
        "source": "https://operator.invalid/v0",
    }
    for changed in ({}, {"type": f"{legal['type']}.x"}, {"source": "https://y.invalid/"}):
        sent = {**NOTIFICATION, "data": {}, **legal, "id": str(changed), **changed}
        keep(callers_conninfo, body_of(sent), credential="limited")
    refused = "The credential may not send this type from this source"
    answers = await reprocessed(emptied_callers)
    assert [answer.get("reason") for answer in answers] == [None, refused, refused]


async def test_every_mode_is_understood_as_at_the_door(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    attributes = {
        f"ce-{name}": str(value)
        for name, value in NOTIFICATION.items()
        if name not in {"data", "datacontenttype"}
    }
    data = body_of(NOTIFICATION["data"])
    keep(callers_conninfo, data, headers=attributes | {"ce-id": "binary"})
    keep(callers_conninfo, body_of({**NOTIFICATION, "id": "member"}), BATCH, is_member=True)
    keep(callers_conninfo, body_of([{**NOTIFICATION, "id": n} for n in ("one", "two")]), BATCH)
    keep(callers_conninfo, body_of(LEGACY_NOTIFICATION), "application/json; charset=utf-8")
    assert [answer["state"] for answer in await reprocessed(emptied_callers)] == ["stored"] * 4
    events = await emptied_callers.history(device=PHONE)
    assert sorted(event.get("eventId", "") for event in events) == [
        "", "binary", "member", "one", "two",
    ]  # fmt: skip


async def test_a_refused_member_of_a_batch_is_parsed_again_by_itself(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    bad = deepcopy(NOTIFICATION)
    bad["specversion"] = None
    await emptied_callers.sink.post(
        "/notifications", content=body_of([bad]), headers={"content-type": BATCH}
    )
    [refused] = await reprocessed(emptied_callers)
    assert refused["reason"] == "neither a CloudEvent nor an object with an event object"
    with psycopg.connect(callers_conninfo) as connection:
        connection.execute("UPDATE quarantine SET body = %s", [body_of(NOTIFICATION)])
    [stored] = await reprocessed(emptied_callers)
    assert stored["state"] == "stored"


async def test_of_a_batch_that_is_half_understood_the_rest_stays_refused(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(callers_conninfo, body_of([NOTIFICATION, 1]), BATCH)
    for _ in range(2):
        [answer] = await reprocessed(emptied_callers)
        assert answer["state"] == "refused"
        assert answer["reason"].startswith("members 1 of the batch were refused")
    [event] = await emptied_callers.history(device=PHONE)
    assert event["deliveries"] == 1


async def test_what_is_refused_again_gets_the_reason_of_today(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(callers_conninfo, b"17")
    keep(callers_conninfo, b"hello", "text/plain")
    for _ in range(2):
        not_an_object, not_json = await reprocessed(emptied_callers)
        assert (not_an_object["state"], not_an_object["reason"]) == (
            "refused",
            "must be a JSON object",
        )
        assert not_json["reason"].startswith("Content-Type must be")
    reasons = {item["reason"] for item in await listed(emptied_callers)}
    assert reasons == {not_an_object["reason"], not_json["reason"]}


async def test_reprocessing_counts_one_delivery_however_often_and_whatever_comes_between(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(callers_conninfo, body_of(NOTIFICATION))
    await reprocessed(emptied_callers)
    # As if the mark had been lost after the commit.
    with psycopg.connect(callers_conninfo) as connection:
        connection.execute("UPDATE quarantine SET state = 'refused'")
    await reprocessed(emptied_callers)
    [event] = await emptied_callers.history(device=PHONE)
    assert event["deliveries"] == 1
    assert (await emptied_callers.post(NOTIFICATION)).status_code == 204
    [again] = await reprocessed(emptied_callers)
    assert again["state"] == "stored"
    [event] = await emptied_callers.history(device=PHONE)
    assert event["deliveries"] == 2


async def test_admins_who_reprocess_at_once_store_it_once(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(callers_conninfo, body_of(NOTIFICATION))
    [item] = await listed(emptied_callers)
    path = f"/quarantine/{item['id']}/reprocess"
    answers = await asyncio.gather(*(emptied_callers.admin.post(path) for _ in range(8)))
    assert {(answer.status_code, answer.json()["state"]) for answer in answers} == {(200, "stored")}
    [event] = await emptied_callers.history(device=PHONE)
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
async def test_no_bytes_are_answered_500(
    emptied_callers: Callers, callers_conninfo: str, body: bytes
) -> None:
    for media_type in (JSON, BATCH, "application/cloudevents+json", "x/y", "", None):
        keep(callers_conninfo, body, media_type)
        keep(callers_conninfo, body, media_type, is_member=True)
        for headers in HEADERS:
            keep(callers_conninfo, body, media_type, headers=headers)
    assert {answer["state"] for answer in await reprocessed(emptied_callers)} <= {
        "refused",
        "stored",
    }


async def test_every_reprocessing_leaves_an_audit_line_without_content(
    emptied_callers: Callers, callers_conninfo: str
) -> None:
    keep(callers_conninfo, b'{"v3ry": "pr1vate"}')
    [item] = await listed(emptied_callers)
    headers = {"x-correlator": "trace-1"}
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logged:
        await emptied_callers.admin.post(f"/quarantine/{item['id']}/reprocess", headers=headers)
        await emptied_callers.admin.post("/quarantine/AAAAAAAAAP8/reprocess", headers=headers)
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
    impatient_callers: Callers, conninfo: str
) -> None:
    callers = impatient_callers
    keep(conninfo, body_of(NOTIFICATION))
    [item] = await listed(callers)
    async with away(conninfo, "event"):
        answer = await callers.admin.post(f"/quarantine/{item['id']}/reprocess")
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert [item["state"] for item in await listed(callers)] == ["refused"]
    assert [answer["state"] for answer in await reprocessed(callers)] == ["stored"]
