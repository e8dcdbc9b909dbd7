import json
from contextlib import closing

import pytest

from receiver.client import Client, StreamedEvent
from receiver.client.parsing import read
from receiver.tailer.forwarding import Forwarder
from tests.support.described import schemas
from tests.support.scripted import Scripted, answer, scripted

EXAMPLE = schemas()["Event"]["example"]
PAYLOAD = '{ "id":"a",\n "n": 1.50 }'
STORED = answer(200, f'{json.dumps(EXAMPLE)[:-1]},"payload":{PAYLOAD}}}')


def event(form: str) -> StreamedEvent:
    return read(StreamedEvent, {**EXAMPLE, "form": form})


def forward(service: Scripted, url: str, form: str = "cloudevents") -> int | str:
    with Client(service.url, retries=0) as client, closing(Forwarder(client, url)) as forwarder:
        return forwarder.forward(event(form))


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("cloudevents", "application/cloudevents+json"), ("legacy", "application/json")],
)
def test_a_notification_is_posted_to_the_letter(form: str, media_type: str) -> None:
    with scripted(STORED) as service, scripted(answer(204)) as hook:
        assert forward(service, f"{hook.url}/hook?a=1", form) == 204
    [request] = hook.requests
    assert request.startswith("POST /hook?a=1 HTTP/1.1")
    assert f"content-type: {media_type}" in request
    assert request.endswith(PAYLOAD)


def test_an_answer_is_told_whatever_it_is() -> None:
    with scripted(STORED) as service, scripted(answer(301, "", "Location: /")) as hook:
        assert forward(service, hook.url) == 301
    assert len(hook.requests) == 1


def test_where_nobody_answers_words_say_so_without_the_url() -> None:
    with scripted(STORED) as service:
        assert forward(service, "http://127.0.0.1:1/secret") == "connect error"


def test_an_event_that_is_gone_is_not_posted() -> None:
    gone = answer(404, '{"code": "NOT_FOUND", "message": "There is no event of this id"}')
    with scripted(gone) as service, scripted(answer(204)) as hook:
        assert forward(service, hook.url) == (
            "not read again: 404 NOT_FOUND: There is no event of this id"
        )
    assert hook.requests == []
