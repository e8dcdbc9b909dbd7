import asyncio
import json

import httpx
import pytest

from receiver.client import (
    AsyncClient,
    ConnectionFailed,
    Liveness,
    NotFound,
    Unavailable,
    UnexpectedAnswer,
)
from tests.support.described import schemas
from tests.support.scripted import answer, event_block, scripted, stream

ALIVE = answer(200, '{"status": "alive"}')
AWAY = answer(503, '{"code": "UNAVAILABLE", "message": "no"}', "Retry-After: 0")
TOKEN = "the-token"  # noqa: S105 - of nobody


async def test_a_call_carries_token_and_correlator() -> None:
    with scripted(ALIVE) as service:
        async with AsyncClient(service.url, token=TOKEN, correlator="c-1") as client:
            assert await client.get_liveness() == Liveness(status="alive")
    [request] = service.requests
    assert f"authorization: Bearer {TOKEN}" in request
    assert "x-correlator: c-1" in request


async def test_a_service_that_is_away_for_a_moment_is_asked_again() -> None:
    with scripted(AWAY, ALIVE) as service:
        async with AsyncClient(service.url) as client:
            assert (await client.get_liveness()).status == "alive"
    assert len(service.requests) == 2


async def test_nothing_is_asked_again_where_no_retries_are_wanted() -> None:
    with scripted(AWAY, ALIVE) as service:
        async with AsyncClient(service.url, retries=0) as client:
            with pytest.raises(Unavailable):
                await client.get_liveness()


async def test_where_nobody_answers_the_error_says_so_without_the_token() -> None:
    async with AsyncClient("http://127.0.0.1:1", token=TOKEN, retries=0) as client:
        with pytest.raises(ConnectionFailed) as raised:
            await client.get_liveness()
    assert str(raised.value) == "http://127.0.0.1:1 did not answer (connect error)"


async def test_an_answer_that_is_cut_off_is_no_answer() -> None:
    with scripted(ALIVE[:-3]) as service:
        async with AsyncClient(service.url, retries=0) as client:
            with pytest.raises(ConnectionFailed, match="remote protocol error"):
                await client.get_liveness()


async def test_an_export_that_is_cut_off_is_an_error_after_what_came() -> None:
    with scripted(AWAY, stream("a,b\n", "1,2\n")) as service:
        async with AsyncClient(service.url) as client:
            pieces = client.export_events(format="csv")
            assert await anext(pieces) + await anext(pieces) == b"a,b\n1,2\n"
            with pytest.raises(ConnectionFailed):
                await anext(pieces)
    assert len(service.requests) == 2


async def test_what_is_not_read_to_its_end_leaves_no_connection() -> None:
    line = json.dumps({**schemas()["Event"]["example"], "payload": {}})
    cut = stream(f"{line}\n", f"{line}\n")
    one = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(limits=one, trust_env=False) as http:
        with scripted(cut, cut, ALIVE) as service:
            client = AsyncClient(service.url, http=http)
            pieces = client.export_events()
            assert await anext(pieces) == f"{line}\n".encode()
            await pieces.aclose()
            events = client.iterate_exported_events()
            assert (await anext(events)).payload == {}
            await events.aclose()
            assert (await client.get_liveness()).status == "alive"
        await client.close()
        assert not http.is_closed


async def test_pages_are_turned_to_the_end() -> None:
    event = schemas()["Event"]["example"]
    pages = [
        answer(200, json.dumps({"items": [event, event], "nextCursor": "c1"})),
        answer(200, json.dumps({"items": [event]})),
    ]
    with scripted(*pages) as service:
        async with AsyncClient(service.url) as client:
            assert [one.id async for one in client.iterate_events()] == [event["id"]] * 3
    assert "cursor=c1" in service.requests[1]


async def test_a_stream_goes_on_after_a_cut_and_tells_nothing_twice() -> None:
    first = stream("retry: 1\n\n", event_block("a"), event_block("b"))
    second = stream(event_block("b"), event_block("c"))
    gone = answer(404, '{"code": "NOT_FOUND", "message": "no"}')
    with scripted(first, AWAY, second, gone) as service:
        async with AsyncClient(service.url) as client:
            events = client.follow(kind="roaming")
            assert [(await anext(events)).id for _ in range(3)] == ["a", "b", "c"]
            with pytest.raises(NotFound):
                await anext(events)


async def test_a_stream_that_cannot_begin_is_an_error() -> None:
    with scripted(answer(200)) as service:
        async with AsyncClient(service.url) as client:
            with pytest.raises(UnexpectedAnswer, match="ended before it began"):
                await anext(client.follow())


async def test_several_calls_are_asked_at_a_time() -> None:
    with scripted(ALIVE) as service:
        async with AsyncClient(service.url) as client:
            answers = await asyncio.gather(*(client.get_liveness() for _ in range(5)))
    assert answers == [Liveness(status="alive")] * 5
