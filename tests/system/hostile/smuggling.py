"""Requests that hide others, or a token: one answer for each, and never to what is hidden."""

import asyncio
import json

from tests.system.hostile import bodies, shapes
from tests.system.hostile.foe import Foe, head, request
from tests.system.hostile.marks import WORD

OFFERS = (
    ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"),
    ("Connection: keep-alive, upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"),
    ("connection: Upgrade", f"upgrade: {WORD}/1"),
    ("Connection: Upgrade", "Upgrade: TLS/1.0, HTTP/2.0"),
)
# The answers to a token that nobody was given.
UNKNOWN = {b"401", b"404", b"429"}
# Enough for the service to have read the first part before it reads the second.
PAUSE_SECONDS = 0.05


def offering(token: str, body: bytes, *lines: str, is_chunked: bool) -> tuple[bytes, bytes]:
    """Head and body of a request that offers to upgrade."""
    if is_chunked:
        length, body = "Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    else:
        length = f"Content-Length: {len(body)}"
    return head(token, "Content-Type: application/json", length, *lines), body


async def upgrades(foe: Foe) -> None:
    """Offers to upgrade, with a body that looks like a request, and with a good one."""

    async def offer(lines: tuple[str, ...], is_chunked: bool, pause: float) -> None:
        good = bodies.event(foe.number())
        hidden = request(foe.unknown_token(), b"{}", connection="keep-alive")
        async with foe.wire("upgrades") as wire:
            for number, (token, body) in enumerate(
                (
                    (foe.token, hidden),
                    (foe.unknown_token(), shapes.HIDDEN * 50),
                    (foe.token, json.dumps(good).encode()),
                )
            ):
                correlator = f"offer-{number}"
                parts = offering(
                    token, body, *lines, f"X-Correlator: {correlator}", is_chunked=is_chunked
                )
                for part in parts if pause else (b"".join(parts),):
                    await wire.send(part)
                    await asyncio.sleep(pause)
                await wire.answers(number + 1)
            await wire.send(shapes.AMBIGUOUS["CL.TE"])
            await wire.end()
        statuses = [answer[:3] for answer in wire.received.split(b"HTTP/1.1 ")[1:]]
        assert len(statuses) == 4, wire.received
        assert statuses[0] in {b"400", b"503"}, wire.received
        assert (statuses[2], statuses[3]) == (b"204", b"400"), wire.received
        assert statuses[1] in UNKNOWN
        assert [wire.received.count(f"offer-{number}".encode()) for number in range(3)] == [1, 1, 1]
        foe.stored.append(good["id"])

    async with asyncio.TaskGroup() as group:
        for lines in OFFERS:
            for is_chunked in (False, True):
                for pause in (0.0, PAUSE_SECONDS):
                    group.create_task(offer(lines, is_chunked, pause))


async def trailers(foe: Foe) -> None:
    """A good token behind the body, where it is none, however the request is cut."""

    async def trail(target: str, token: str, pause: float) -> None:
        body = json.dumps(bodies.event(foe.number())).encode()
        lines = (
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
            "Connection: close",
        )
        start = head(foe.unknown_token(), *lines, target=target) + b"%x\r\n%b\r\n" % (
            len(body),
            body,
        )
        end = f"0\r\nAuthorization: Bearer {token}\r\nHost: {WORD}\r\n\r\n".encode()
        async with foe.wire("trailers") as wire:
            for part in (start, end) if pause else (start + end,):
                await wire.send(part)
                await asyncio.sleep(pause)
            await wire.end()
        assert wire.received[9:12] in UNKNOWN, wire.received

    async with asyncio.TaskGroup() as group:
        for target, token in (
            *(("/notifications", foe.token), ("/webhook", foe.token)),
            *(("/events/retrieve", foe.reader), ("/devices/retrieve", foe.reader)),
        ):
            for pause in (0.0, PAUSE_SECONDS):
                group.create_task(trail(target, token, pause))
