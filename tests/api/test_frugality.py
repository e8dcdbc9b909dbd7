"""What a notification costs in the interpreter's own instructions: the same in each run."""

import asyncio
import sys
from types import FrameType
from typing import Any

from starlette.types import Message, Scope

from tests.api.conftest import Callers
from tests.bodies import cloudevent

# Reached on 2026-11-22, and a tenth for what other versions of the libraries may add.
INSTRUCTIONS = 3800

TOGETHER = 50
HEADERS = [
    (b"host", b"receiver.invalid"),
    (b"authorization", b"Bearer token-of-sink"),
    (b"content-type", b"application/cloudevents+json"),
]


class Instructions:
    """Counts the bytecode instructions that run within the block, in this thread."""

    def __init__(self) -> None:
        self.number = 0

    def __enter__(self) -> "Instructions":
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._ran

    def _ran(self, _frame: FrameType, event: str, _argument: Any) -> Any:
        self.number += event == "opcode"
        return self._ran


async def test_a_notification_takes_few_instructions(callers: Callers) -> None:
    await together(callers, 0)
    with Instructions() as instructions:
        await together(callers, TOGETHER)
    assert instructions.number / TOGETHER < INSTRUCTIONS


async def together(callers: Callers, first: int) -> None:
    """Posts as many notifications at once as one commit may take."""
    statuses = await asyncio.gather(
        *(status_of(callers, number) for number in range(first, first + TOGETHER))
    )
    assert statuses == [204] * TOGETHER


async def status_of(callers: Callers, number: int) -> int:
    data = {
        "device": {"phoneNumber": f"+9999999{number:04}"},
        "subscriptionId": f"subscription-{number}",
        "roaming": True,
        "countryCode": 208,
        "countryName": ["FR"],
    }
    body = cloudevent("roaming-status", data, id=f"event-{number}")
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/notifications",
        "headers": [*HEADERS, (b"content-length", str(len(body)).encode())],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await callers.app(scope, receive, send)
    status: int = sent[0]["status"]
    return status
