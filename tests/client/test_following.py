import math
from datetime import UTC, datetime

import pytest

from receiver.client import Unauthenticated, following
from receiver.client.answers.events import StreamedEvent
from receiver.client.errors import (
    ClientError,
    ConnectionFailed,
    EventsMissed,
    NotFound,
    Unavailable,
    UnexpectedAnswer,
)
from receiver.client.exchange import Answer, Call
from receiver.client.following import (
    PATIENCE_SECONDS,
    RETRY_SECONDS,
    RETRY_SECONDS_MAX,
    Block,
    BlockReader,
    Following,
)
from tests.support.scripted import event_block

KEPT_FROM = "2026-01-01T00:00:00.000000Z"


def call() -> Call[Answer]:
    return Call("GET", "/events/stream", lambda answer: answer, [("kind", "roaming")])


def make(last_event_id: str | None = None, patience_seconds: float = PATIENCE_SECONDS) -> Following:
    return Following(call(), last_event_id, None, patience_seconds)


def block(event_id: str) -> bytes:
    return event_block(event_id).encode()


def feed(stream: Following, *pieces: bytes, now: float = 0.0) -> list[StreamedEvent]:
    return [event for piece in pieces for event in stream.feed(piece, now)]


def ids(events: list[StreamedEvent]) -> list[str]:
    return [event.id for event in events]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_blocks_are_read_however_they_are_cut(end: str, size: int) -> None:
    lines = ["retry: 1500", ": comment", "event: end", 'data: "ü', "data:x", "id: 7", "", "id", ""]
    text = "".join(line + end for line in lines) + "\n"
    whole = text.encode()
    reader = BlockReader()
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    blocks = [block for piece in pieces for block in reader.feed(piece)]
    assert blocks[:2] == [
        Block(event="end", lines=['"ü', "x"], id="7", retry_seconds=1.5),
        Block(id=""),
    ]


def test_a_line_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LINE_LENGTH_MAX", 10)
    with pytest.raises(UnexpectedAnswer, match="a line without an end"):
        list(BlockReader().feed(b"data: 0123456789"))


def test_a_stream_begins_now_or_after_an_event() -> None:
    assert "last-event-id" not in make().begin().headers
    assert make("a").begin().headers["last-event-id"] == "a"
    assert make("a").begin().query == [("kind", "roaming")]


def test_a_stream_is_resumed_from_the_last_id_and_tells_nothing_twice() -> None:
    stream = make()
    assert ids(feed(stream, block("a"), block("b"))) == ["a", "b"]
    assert stream.begin().headers["last-event-id"] == "b"
    assert ids(feed(stream, block("a"), block("b"), block("c"))) == ["c"]
    assert ids(feed(stream, b": heartbeat\nid: place\n\n")) == []
    assert stream.begin().headers["last-event-id"] == "place"


def test_what_was_half_of_a_block_is_forgotten_when_a_stream_is_resumed() -> None:
    stream = make()
    feed(stream, block("a"), block("b")[:40])
    stream.begin()
    assert ids(feed(stream, block("b"))) == ["b"]


def test_ids_are_forgotten_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "IDS_MAX", 2)
    stream = make()
    feed(stream, block("a"), block("b"), block("c"))
    assert ids(feed(stream, block("b"), block("a"))) == ["a"]


def test_an_event_of_a_newer_service_is_passed_over() -> None:
    assert feed(make(), b"event: new\ndata: [1]\n\n") == []


@pytest.mark.parametrize("data", [b"data: {}\n\n", b"data: no\n\n", b"event: gap\ndata: []\n\n"])
def test_a_stream_of_another_program_is_told_from_that_of_the_service(data: bytes) -> None:
    with pytest.raises(UnexpectedAnswer, match="the stream is not that of this service"):
        feed(make(), data)


def test_missed_events_are_an_error_unless_somebody_is_told() -> None:
    gap = f'event: gap\ndata: {{"keptFrom":"{KEPT_FROM}"}}\n\n'.encode()
    with pytest.raises(EventsMissed) as raised:
        feed(make(), gap)
    kept_from = datetime(2026, 1, 1, tzinfo=UTC)
    assert raised.value.kept_from == kept_from
    told: list[datetime] = []
    stream = Following(call(), None, told.append, PATIENCE_SECONDS)
    assert ids(feed(stream, gap, block("a"))) == ["a"]
    assert told == [kept_from]


def test_a_token_that_is_revoked_ends_the_stream() -> None:
    with pytest.raises(Unauthenticated):
        feed(make(), b'event: end\ndata: {"reason":"unauthenticated","message":"m"}\n\n')


def test_any_other_end_is_resumed_after_the_pause_that_the_service_asks_for() -> None:
    stream = make()
    feed(stream, b"retry: 1500\n\n", b'event: end\ndata: {"reason":"lagged","message":"m"}\n\n')
    assert stream.pause(None, 1.0) == 1.5


def test_pauses_grow_until_something_is_heard() -> None:
    stream = make()
    feed(stream, b"\n")
    error = ConnectionFailed("x")
    pauses = [stream.pause(error, 1.0) for _ in range(6)]
    assert pauses == [RETRY_SECONDS, 6.0, 12.0, 24.0, RETRY_SECONDS_MAX, RETRY_SECONDS_MAX]
    feed(stream, b"\n")
    assert stream.pause(error, 1.0) == RETRY_SECONDS


def test_the_service_may_ask_for_a_longer_pause_within_bounds() -> None:
    stream = make()
    feed(stream, b"\n")
    for retry_after, pause in ((20.0, 20.0), (1000.0, RETRY_SECONDS_MAX)):
        error = Unavailable(status=503, code="U", message="m", retry_after=retry_after)
        assert stream.pause(error, 1.0) == pause


def test_the_first_try_is_not_repeated() -> None:
    with pytest.raises(ConnectionFailed):
        make().pause(ConnectionFailed("x"), 0.0)
    with pytest.raises(UnexpectedAnswer, match="ended before it began"):
        make().pause(None, 0.0)


@pytest.mark.parametrize(
    ("error", "patience_seconds"),
    [
        (NotFound(status=404, code="NOT_FOUND", message="m"), math.inf),
        (ConnectionFailed("x"), 10.0),
    ],
)
def test_what_does_not_pass_and_what_takes_too_long_is_raised(
    error: ClientError, patience_seconds: float
) -> None:
    stream = make(patience_seconds=patience_seconds)
    feed(stream, b"\n", now=5.0)
    with pytest.raises(type(error)):
        stream.pause(error, 15.1)
