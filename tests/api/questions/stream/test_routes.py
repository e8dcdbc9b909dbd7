"""The live stream over HTTP: what is stored is told, from now on or since a last event."""

import asyncio
import socket
from typing import Any

import httpx
import psycopg
import pytest

from receiver.api.wire.protocol import STOP
from receiver.settings.settings import Settings
from receiver.store.credentials.credentials import revoke_credential
from receiver.store.events.ingest import INSERT
from receiver.store.events.storing.rows import rows_of
from tests.support.arrivals import arrival
from tests.support.asking import PHONE, notification
from tests.support.callers import Callers, calling, make_credentials
from tests.support.streaming import PATH, streaming

# Of 2.4 kB each: Linux holds up to 4 MiB for a caller that reads nothing, the service 1 MiB.
TOO_MANY = 6400


def numbered(number: int, **members: Any) -> dict[str, Any]:
    return notification(number, PHONE, id=f"n-{number}") | members


async def test_an_event_is_told_as_the_list_has_it_once_it_is_stored(callers: Callers) -> None:
    await callers.post(numbered(1))
    async with streaming(callers.reader) as stream:
        await callers.post(numbered(2))
        told = await stream.next_event()
    [newest, _] = (await callers.reader.get("/events")).json()["items"]
    assert told == newest
    assert stream.last_event_id == newest["id"]


async def test_a_stream_tells_its_place_before_any_event(callers: Callers) -> None:
    async with streaming(callers.reader) as stream:
        assert (await stream.next()).retry is not None
        place = await stream.next()
    assert (place.event, place.data) == ("message", None)
    await callers.post(numbered(1))
    async with streaming(callers.reader, place.id) as stream:
        assert (await stream.next_event())["eventId"] == "n-1"


async def test_whoever_comes_back_gets_what_was_stored_since_and_then_what_is_stored(
    callers: Callers,
) -> None:
    async with streaming(callers.reader) as stream:
        await callers.post(numbered(1))
        await stream.next_event()
    for number in (2, 3):
        await callers.post(numbered(number))
    async with streaming(callers.reader, stream.last_event_id) as again:
        seen = [(await again.next_event())["eventId"]]
        while seen[-1] != "n-3":
            seen.append((await again.next_event())["eventId"])
        await callers.post(numbered(4))
        seen.append((await again.next_event())["eventId"])
    # At least once: what was stored shortly before the last event comes again.
    assert seen == ["n-1", "n-2", "n-3", "n-4"]


async def test_only_events_that_pass_the_filters_are_told(callers: Callers) -> None:
    async with (
        streaming(callers.reader, name="roaming-on") as roaming,
        streaming(callers.reader, credential="nobody") as nobodys,
        streaming(callers.reader, source=["x", "https://simulator.invalid/other"]) as others,
    ):
        await callers.post(numbered(1, source="https://simulator.invalid/other"))
        await callers.post(numbered(2))
        assert (await others.next_event())["eventId"] == "n-1"
        del roaming, nobodys


async def test_an_event_is_told_that_is_committed_late(callers: Callers, conninfo: str) -> None:
    with psycopg.connect(conninfo) as other:
        async with streaming(callers.reader) as stream:
            other.execute(INSERT, {"rows": rows_of([arrival(1)])})
            await callers.post(numbered(2))
            assert (await stream.next_event())["eventId"] == "n-2"
            other.commit()
            late = await stream.next_event()
    assert late["receivedAt"] is not None


async def test_an_event_is_late_that_occurred_before_one_of_its_device_and_kind(
    callers: Callers,
) -> None:
    async with streaming(callers.reader) as stream:
        for number in (5, 3, 7):
            await callers.post(numbered(number))
        events = await stream.next_events(3)
        assert [event.get("late") for event in events] == [None, True, None]
    async with streaming(callers.reader, stream.last_event_id) as again:
        events = await again.next_events(3)
    assert [event.get("late") for event in events] == [None, True, None]


async def test_a_revoked_token_ends_its_streams(callers: Callers, conninfo: str) -> None:
    async with streaming(callers.reader) as stream, streaming(callers.admin) as other:
        await asyncio.to_thread(revoke_credential, conninfo, "the-reader")
        assert await stream.until_end() == "unauthenticated"
        await callers.post(numbered(1))
        assert (await other.next_event())["eventId"] == "n-1"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"lastEventId": "x"}, "lastEventId: not the id of an event"),
        ({"limit": 3}, "limit: unknown"),
        ({"kind": "weather"}, "kind"),
    ],
)
async def test_a_wrong_question_is_refused(
    shared_callers: Callers, query: dict[str, Any], message: str
) -> None:
    answer = await shared_callers.reader.get(PATH, params=query)
    assert answer.status_code == 400
    assert message in answer.json()["message"]


async def test_head_is_answered_and_ends(shared_callers: Callers) -> None:
    answer = await shared_callers.reader.head(PATH)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"


async def test_one_stream_too_many_of_a_credential_is_refused_and_not_counted(
    settings: Settings, conninfo: str
) -> None:
    make_credentials(conninfo)
    few = settings.model_copy(update={"stream_credential_limit": 1, "stream_limit": 2})
    async with calling(few) as callers, streaming(callers.reader), streaming(callers.admin):
        async with streaming(callers.reader) as refused:
            assert refused.response.status_code == 429
            assert "retry-after" in refused.response.headers
        async with streaming(callers.registrar) as refused:
            assert refused.response.status_code == 503
    async with calling(few) as callers:
        for _ in range(3):
            async with streaming(callers.reader) as stream:
                await stream.next()
                assert stream.response.status_code == 200
            while "receiver_streams 0.0" not in await scrape(callers):
                await asyncio.sleep(0)


async def test_a_stop_of_the_server_ends_all_streams(callers: Callers) -> None:
    async with streaming(callers.reader) as stream:
        callers.connect().app_state[STOP]()
        assert await stream.until_end() == "stopping"
    async with streaming(callers.reader) as stream:
        assert await stream.until_end() == "stopping"


@pytest.mark.long
async def test_whoever_does_not_read_is_ended_with_a_word_and_goes_on_from_there(
    callers: Callers,
) -> None:
    """The kernel holds some megabytes for a caller, and events may have three kilobytes."""
    seen: set[str] = set()
    little = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)]
    transport = httpx.AsyncHTTPTransport(verify=False, trust_env=False, socket_options=little)
    reader = httpx.AsyncClient(
        transport=transport, base_url=callers.reader.base_url, headers=callers.reader.headers
    )
    async with reader, streaming(reader) as slow:
        for number in range(0, TOO_MANY, 80):
            members = range(number, number + 80)
            batch = [numbered(1, id=f"n-{each}", source=2000 * "s") for each in members]
            headers = {"content-type": "application/cloudevents-batch+json"}
            answer = await callers.sink.post("/notifications", json=batch, headers=headers)
            assert answer.status_code == 204
        while (block := await slow.next()).event == "message":
            seen |= {block.data["eventId"]} if block.data else set()
        assert block.data["reason"] == "lagged"
    assert len(seen) < TOO_MANY
    async with streaming(callers.reader, slow.last_event_id) as again:
        while len(seen) < TOO_MANY:
            seen |= {(await again.next_event())["eventId"]}


async def scrape(callers: Callers) -> str:
    return (await callers.nobody.get("/metrics")).text
