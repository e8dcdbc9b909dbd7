"""An answer in pieces ends what is held for it at its own end, however it ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
from starlette.types import Message

from receiver.api.answers.streamed import IS_HEAD, StreamedAnswer


class Notes:
    """What is noted of one answer, in its order."""

    def __init__(self) -> None:
        self.notes: list[Any] = []

    def streamed(self, items: int, error: BaseException | None, *, is_whole: bool) -> None:
        self.notes.append((items, error, is_whole))

    def held(self) -> AsyncExitStack:
        stack = AsyncExitStack()
        stack.callback(self.notes.append, "let go")
        return stack


async def pieces(notes: Notes, fault: Exception | None = None) -> AsyncGenerator[tuple[bytes, int]]:
    try:
        yield b"a", 1
        if fault is not None:
            raise fault
        yield b"", 2
        yield b"b", 3
    finally:
        notes.notes.append("closed")


async def answer(
    notes: Notes,
    *,
    fault: Exception | None = None,
    hangs_up: bool = False,
    is_head: bool = False,
) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect" if hangs_up else "http.request", "body": b""}

    streamed = StreamedAnswer(pieces(notes, fault), "text/csv", {"x": "y"})
    streamed.hold(notes.held(), notes)
    with suppress(ValueError):
        await streamed({"type": "http", IS_HEAD: is_head}, receive, send)
    return sent


async def test_a_whole_answer_is_noted_before_what_is_held_is_let_go() -> None:
    notes = Notes()
    start, *bodies = await answer(notes)
    names = [name for name, _ in start["headers"]]
    assert (names, start["status"]) == ([b"x", b"content-type"], 200)
    assert [(body["body"], body["more_body"]) for body in bodies] == [
        (b"a", True),
        (b"b", True),
        (b"", False),
    ]
    assert notes.notes == ["closed", (6, None, True), "let go"]


@pytest.mark.parametrize("how", ["fault", "hangs_up"])
async def test_an_answer_that_is_cut_off_has_no_last_message(how: str) -> None:
    notes = Notes()
    fault = ValueError() if how == "fault" else None
    sent = await answer(notes, fault=fault, hangs_up=how == "hangs_up")
    assert [message.get("more_body") for message in sent] == [None, True]
    assert notes.notes == ["closed", (0 if fault is None else 1, fault, False), "let go"]


async def test_a_stop_is_noted_as_what_cut_the_answer_off() -> None:
    notes = Notes()
    is_waiting = asyncio.Event()

    async def send(message: Message) -> None:
        # The caller reads no more.
        if "body" in message:
            is_waiting.set()
            await asyncio.Event().wait()

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    streamed = StreamedAnswer(pieces(notes), "text/csv", {})
    streamed.hold(notes.held(), notes)
    answering = asyncio.create_task(streamed({"type": "http"}, receive, send))
    await is_waiting.wait()
    answering.cancel()
    with suppress(asyncio.CancelledError):
        await answering
    [_, (items, error, is_whole), _] = notes.notes
    assert (items, type(error), is_whole) == (0, asyncio.CancelledError, False)


async def test_others_have_a_turn_of_the_loop_between_two_pieces() -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    sent_in: list[int] = []

    async def send(message: Message) -> None:
        if message.get("body"):
            sent_in.append(turns)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def many() -> AsyncGenerator[tuple[bytes, int]]:
        for _ in range(5):
            yield b"a", 1

    counting = asyncio.create_task(count_turns())
    await StreamedAnswer(many(), "text/csv", {})({"type": "http"}, receive, send)
    counting.cancel()
    assert len(set(sent_in)) == 5


async def test_head_reads_no_piece() -> None:
    notes = Notes()
    sent = await answer(notes, is_head=True)
    assert [message.get("body") for message in sent] == [None, b""]
    assert notes.notes == [(0, None, True), "let go"]
