import json
import time

import pytest

from receiver.client import (
    Client,
    ConnectionFailed,
    Liveness,
    NotFound,
    Unauthenticated,
    Unavailable,
    UnexpectedAnswer,
)
from tests.support.described import schemas
from tests.support.scripted import answer, event_block, scripted, stream

ALIVE = answer(200, '{"status": "alive"}')
AWAY = answer(503, '{"code": "UNAVAILABLE", "message": "no"}', "Retry-After: 0")
REFUSED = answer(401, '{"code": "UNAUTHENTICATED", "message": "no"}')
TOKEN = "the-token"  # noqa: S105 - of nobody
# Shorter than the patience of what answers.
SECONDS = 10.0


def test_a_call_carries_token_and_correlator() -> None:
    with (
        scripted(ALIVE) as service,
        Client(service.url, token=TOKEN, correlator="c-1", timeout_seconds=SECONDS) as client,
    ):
        assert client.get_liveness() == Liveness(status="alive")
        client.with_options(token=None, correlator=None).get_liveness()
    first, second = service.requests
    assert first.startswith("GET /livez HTTP/1.1")
    assert f"authorization: Bearer {TOKEN}" in first
    assert "x-correlator: c-1" in first
    assert "authorization" not in second
    assert "x-correlator" not in second


def test_a_service_that_is_away_for_a_moment_is_asked_again() -> None:
    with scripted(AWAY, ALIVE) as service, Client(service.url, timeout_seconds=SECONDS) as client:
        assert client.get_liveness().status == "alive"
    assert len(service.requests) == 2


def test_nothing_is_asked_again_where_no_retries_are_wanted() -> None:
    with (
        scripted(AWAY, ALIVE) as service,
        Client(service.url, retries=0) as client,
        pytest.raises(Unavailable),
    ):
        client.get_liveness()
    assert len(service.requests) == 1


def test_a_refusal_is_not_asked_again() -> None:
    with (
        scripted(REFUSED) as service,
        Client(service.url, token=TOKEN) as client,
        pytest.raises(Unauthenticated),
    ):
        client.get_liveness()
    assert len(service.requests) == 1


def test_where_nobody_answers_the_error_says_so_without_the_token() -> None:
    with (
        Client("http://127.0.0.1:1", token=TOKEN, retries=0) as client,
        pytest.raises(ConnectionFailed) as raised,
    ):
        client.get_liveness()
    assert str(raised.value) == "http://127.0.0.1:1 did not answer (connect error)"


def test_an_answer_that_is_too_slow_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(ALIVE) as service:
        with Client(service.url, timeout_seconds=SECONDS, retries=0) as client:
            # The clock goes on while the answer arrives.
            clock = iter((0.0, SECONDS + 1))
            monkeypatch.setattr(time, "monotonic", lambda: next(clock, SECONDS + 1))
            with pytest.raises(ConnectionFailed, match="did not answer in time"):
                client.get_liveness()
        monkeypatch.undo()


def test_an_answer_that_is_cut_off_is_no_answer() -> None:
    with (
        scripted(ALIVE[:-3]) as service,
        Client(service.url, retries=0) as client,
        pytest.raises(ConnectionFailed, match="remote protocol error"),
    ):
        client.get_liveness()


def test_an_export_that_is_cut_off_is_an_error_after_what_came() -> None:
    with scripted(stream("a,b\n", "1,2\n")) as service, Client(service.url) as client:
        pieces = client.export_events(format="csv")
        assert next(pieces) + next(pieces) == b"a,b\n1,2\n"
        with pytest.raises(ConnectionFailed):
            next(pieces)
    assert len(service.requests) == 1


def test_the_beginning_of_an_export_is_asked_again() -> None:
    whole = answer(200, "a,b\n")
    with scripted(AWAY, whole) as service, Client(service.url) as client:
        assert list(client.export_events(format="csv")) == [b"a,b\n"]


def test_pages_are_turned_to_the_end() -> None:
    event = schemas()["Event"]["example"]
    pages = [
        answer(200, json.dumps({"items": [event, event], "nextCursor": "c1"})),
        answer(200, json.dumps({"items": [], "nextCursor": "c2"})),
        answer(200, json.dumps({"items": [event]})),
    ]
    with scripted(*pages) as service, Client(service.url) as client:
        assert len(list(client.iterate_events(kind="roaming", limit=2))) == 3
    lines = [request.partition(" HTTP")[0] for request in service.requests]
    assert lines == [
        "GET /events?limit=2&kind=roaming",
        "GET /events?limit=2&kind=roaming&cursor=c1",
        "GET /events?limit=2&kind=roaming&cursor=c2",
    ]


def test_a_stream_goes_on_after_a_cut_and_tells_nothing_twice() -> None:
    first = stream("retry: 1\n\n", event_block("a"), event_block("b"), event_block("c")[:50])
    second = stream(event_block("b"), event_block("c"), "id: place\n\n")
    third = stream(event_block("d"))
    gone = answer(404, '{"code": "NOT_FOUND", "message": "no"}')
    with scripted(first, AWAY, second, third, gone) as service, Client(service.url) as client:
        events = client.follow(kind="roaming")
        assert [next(events).id for _ in range(4)] == ["a", "b", "c", "d"]
        with pytest.raises(NotFound):
            next(events)
    begun = [_last_event_id(request) for request in service.requests]
    assert begun == [None, "b", "b", "place", "d"]


def _last_event_id(request: str) -> str | None:
    for line in request.splitlines():
        name, _, value = line.partition(": ")
        if name == "last-event-id":
            return value
    return None


def test_a_stream_that_cannot_begin_is_an_error() -> None:
    with scripted(AWAY) as service, Client(service.url) as client, pytest.raises(Unavailable):
        next(client.follow())
    with (
        scripted(answer(200)) as service,
        Client(service.url) as client,
        pytest.raises(UnexpectedAnswer, match="ended before it began"),
    ):
        next(client.follow())
