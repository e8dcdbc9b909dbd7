import json

import pytest

from receiver.client import Client, NotFound
from receiver.tailer.run import Tail
from tests.support.described import schemas
from tests.support.scripted import answer, event_block, scripted, stream

END = answer(404, '{"code": "NOT_FOUND", "message": "no"}')
EXAMPLE = schemas()["Event"]["example"]
GAP = 'event: gap\ndata: {"keptFrom":"2026-01-01T00:00:00.000000Z"}\n\n'


def run(tail: Tail, *answers: bytes, after_id: str | None = None, hook: str | None = None) -> None:
    """Follows what is written down until it ends with 404."""
    with (
        scripted(*answers, END) as service,
        Client(service.url, retries=0) as client,
        pytest.raises(NotFound),
    ):
        tail.follow(client, {"kind": "roaming"}, after_id=after_id, forward_to=hook)


def test_each_event_is_a_line_and_the_last_one_is_known() -> None:
    lines: list[str] = []
    tail = Tail(as_json=False, write=lines.append, note=lines.append)
    run(tail, stream("retry: 1\n\n", event_block("a"), event_block("b")))
    assert [line.split("  ")[2] for line in lines] == ["roaming", "roaming"]
    assert tail.last_id == "b"


def test_the_event_to_go_on_after_is_not_written_again() -> None:
    lines: list[str] = []
    tail = Tail(as_json=True, write=lines.append, note=lines.append)
    run(tail, stream("retry: 1\n\n", event_block("a"), event_block("b")), after_id="a")
    assert [json.loads(line)["id"] for line in lines] == ["b"]


@pytest.mark.parametrize("as_json", [True, False])
def test_what_was_posted_is_told_with_its_answer_and_a_failure_stops_nothing(
    as_json: bool,
) -> None:
    stored = answer(200, json.dumps({**EXAMPLE, "payload": {}}))
    lines: list[str] = []
    tail = Tail(as_json=as_json, write=lines.append, note=lines.append)
    with scripted(answer(500), answer(204)) as hook:
        told = stream("retry: 1\n\n", event_block("a"), event_block("b"))
        run(tail, told, stored, stored, hook=hook.url)
    answers = [
        json.loads(line)["forwarded"] if as_json else int(line.rpartition("-> ")[2])
        for line in lines
    ]
    assert answers == [500, 204]


def test_missed_events_are_noted() -> None:
    notes: list[str] = []
    tail = Tail(as_json=False, write=lambda _: None, note=notes.append)
    run(tail, stream("retry: 1\n\n", GAP))
    assert notes == [
        "Events were missed that are no longer kept; they are kept from 2026-01-01 00:00:00+00:00."
    ]
