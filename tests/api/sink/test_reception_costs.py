"""What a notification costs in the interpreter's own instructions, from its bytes to its answer."""

import asyncio

from receiver.api.wire.portioned import PortionedProtocol
from tests.support.bodies import cloudevent
from tests.support.callers import Callers
from tests.support.instructions import Instructions

ROUNDS = 5

# Reached on 2026-11-27, and a tenth for what other versions of the libraries may add.
INSTRUCTIONS = 3600

TOGETHER = 50
HEADERS = (
    b"host: receiver.invalid\r\nauthorization: Bearer token-of-sink\r\n"
    b"content-type: application/cloudevents+json\r\n"
)


class Wire(asyncio.Transport):
    """The other end of a connection: what is written to it can be awaited."""

    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[bytes]

    def next_answer(self) -> asyncio.Future[bytes]:
        self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._answer.set_result(bytes(data))

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        pass


async def test_a_notification_takes_few_instructions(callers: Callers) -> None:
    connections = []
    for _ in range(TOGETHER):
        connection, wire = callers.connect(), Wire()
        connection.connection_made(wire)
        connections.append((connection, wire))
    counts = []
    for begin in range(0, ROUNDS * TOGETHER, TOGETHER):
        with Instructions() as instructions:
            await together(connections, [request(begin + each) for each in range(TOGETHER)])
        counts.append(instructions.number / TOGETHER)
    for connection, _ in connections:
        connection.connection_lost(None)
    # The first round warms up; background work that falls into a round only adds to it.
    assert min(counts[1:]) < INSTRUCTIONS


async def together(
    connections: list[tuple[PortionedProtocol, Wire]], requests: list[bytes]
) -> None:
    """Sends each over a connection of its own, all in one turn of the loop."""
    answers = []
    for (connection, wire), sent in zip(connections, requests, strict=True):
        answers.append(wire.next_answer())
        connection.data_received(sent)
    assert {(await answer)[:12] for answer in answers} == {b"HTTP/1.1 204"}


def request(number: int) -> bytes:
    data = {
        "device": {"phoneNumber": f"+9999999{number:04}"},
        "subscriptionId": f"subscription-{number}",
        "roaming": True,
        "countryCode": 208,
        "countryName": ["FR"],
    }
    body = cloudevent("roaming-status", data, id=f"event-{number}")
    return b"POST /notifications HTTP/1.1\r\n%bcontent-length: %d\r\n\r\n%b" % (
        HEADERS, len(body), body,
    )  # fmt: skip
