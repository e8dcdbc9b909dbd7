"""Attacks on the connection: slow, cut off, endless, doubtful, or many requests in one stream."""

import asyncio
import json
from collections.abc import Sequence

from tests.system.hostile import bodies, shapes
from tests.system.hostile.foe import Foe, head, request
from tests.system.hostile.marks import VALUE, WORD

TRICKLE_SECONDS = 0.25
TRICKLES = 16  # longer than any patience of the service
FLOOD_BYTES = 4 * 1024 * 1024


async def slow_heads(foe: Foe) -> None:
    """Byte for byte, and never an end."""
    starts = (b"P", shapes.START, shapes.START + f"X-{WORD}: ".encode())
    await _trickle(foe, "slow heads", starts * (foe.crowd // 10))


async def slow_bodies(foe: Foe) -> None:
    """From a sender who may send, and from strangers."""
    begun = f'{{"{VALUE}": "'.encode()
    tokens = [token for _ in range(foe.crowd // 10) for token in (foe.token, foe.unknown_token())]
    await _trickle(
        foe, "slow bodies", [head(one, "Content-Length: 99999") + begun for one in tokens]
    )


async def _trickle(foe: Foe, attack: str, starts: Sequence[bytes]) -> None:
    async def trickle(start: bytes) -> None:
        async with foe.wire(attack) as wire:
            more = await wire.send(start)
            for _ in range(TRICKLES):
                if more:
                    await asyncio.sleep(TRICKLE_SECONDS)
                    more = await wire.send(b"s")
            wire.close_half()
            await wire.end()

    await asyncio.gather(*map(trickle, starts))


async def silent(foe: Foe) -> None:
    """Connects and says nothing."""

    async def listen() -> None:
        async with foe.wire("silent") as wire:
            await wire.end()

    await asyncio.gather(*(listen() for _ in range(foe.crowd)))


async def half_closed(foe: Foe) -> None:
    """Says that nothing more comes, in the middle of a request."""

    async def half_close(cut: int) -> None:
        async with foe.wire("half-closed") as wire:
            await wire.send(whole[:cut])
            wire.close_half()
            await wire.end()

    whole = request(foe.token, bodies.bad(foe.number())[0])
    cuts = [foe.seed.randrange(len(whole)) for _ in range(foe.crowd)]
    await asyncio.gather(*map(half_close, cuts))


async def resets(foe: Foe) -> None:
    """Is gone in the middle of a request, or of its answer."""

    async def vanish(cut: int) -> None:
        async with foe.wire("resets") as wire:
            await wire.send(whole[:cut])
            wire.reset()

    whole = request(foe.token, bodies.bad(foe.number())[0])
    cuts = [foe.seed.randrange(len(whole) + 1) for _ in range(foe.crowd)]
    await asyncio.gather(*(vanish(cut) for cut in (*cuts, len(whole))))


async def header_floods(foe: Foe) -> None:
    """Headers without end, or without number."""

    async def flood(line: bytes) -> None:
        async with foe.wire("header floods") as wire:
            await wire.send(shapes.START)
            sent = 0
            while sent < FLOOD_BYTES and await wire.send(line):
                sent += len(line)
            await wire.end()

    lines = (f"X-{WORD}: {'a' * 1000}\r\n".encode(), b"a" * 65536, b"a: b\r\n" * 1000)
    await asyncio.gather(*(flood(line) for line in lines * 3))


async def wrong_lengths(foe: Foe) -> None:
    """A body shorter than it said, and one longer, whose rest is no request."""
    body = bodies.bad(foe.number())[0]
    for token in (foe.token, foe.unknown_token()):
        whole = request(token, body, connection="keep-alive")
        await foe.throw("wrong lengths", whole[:-10], whole + b"x" * 10, whole + body)


async def ambiguous(foe: Foe) -> None:
    """Request smuggling: one refusal each, and never an answer to what was hidden."""

    async def smuggle(name: str, sent: bytes) -> None:
        async with foe.wire("ambiguous") as wire:
            await wire.send(sent)
            await wire.end()
        assert wire.received.startswith(b"HTTP/1.1 400 "), (name, wire.received)
        assert wire.received.count(b"HTTP/1.1 ") == 1, (name, wire.received)

    await asyncio.gather(*(smuggle(*shape) for shape in shapes.AMBIGUOUS.items()))


async def odd(foe: Foe) -> None:
    """Whatever else can stand at the beginning of a connection."""
    await foe.throw("odd", *shapes.ODD.values())


async def noise(foe: Foe) -> None:
    """Random bytes, and requests with a few random ones among them."""
    sent = [foe.seed.randbytes(foe.seed.randrange(1, 2000)) for _ in range(foe.crowd)]
    for _ in range(foe.crowd):
        almost = bytearray(request(foe.unknown_token(), b"{}"))
        for _ in range(3):
            almost[foe.seed.randrange(len(almost))] = foe.seed.randrange(256)
        sent.append(bytes(almost))
    await foe.throw("noise", *sent)


async def pipelines(foe: Foe) -> None:
    """Good and hostile requests in one stream: every one answered, and in its order."""
    of_nobody = json.dumps(bodies.event(foe.number())).encode()
    expected: list[tuple[int, str]] = []
    stream = b""
    ids: list[str] = []
    refused = bodies.bad(foe.number())[0]
    for _ in range(12):
        good = bodies.event(foe.number())
        ids.append(good["id"])
        for status, token, body in (
            (204, foe.token, json.dumps(good).encode()),
            (400, foe.token, refused),
            (401, foe.unknown_token(), of_nobody),
        ):
            correlator = f"turn-{len(expected)}"
            expected.append((status, correlator))
            line = f"X-Correlator: {correlator}"
            stream += request(token, body, line, connection="keep-alive")
    async with foe.wire("pipelines") as wire:
        sending = asyncio.create_task(wire.send(stream + shapes.AMBIGUOUS["CL.TE"]))
        await wire.end()
        await sending
    *answers, last = wire.received.split(b"HTTP/1.1 ")[1:]
    assert last.startswith(b"400 "), last
    for (status, correlator), answer in zip(expected, answers, strict=True):
        # What a stranger is refused with may change; that he is, and in his turn, may not.
        refusals = (b"4",) if status == 401 else (b"400 ", b"503 ")
        assert answer.startswith(b"204 " if status == 204 else refusals), answer
        assert f"\r\nx-correlator: {correlator}\r\n".encode() in answer
    foe.stored += ids


async def pipeline_floods(foe: Foe) -> None:
    """Requests without end, and always more of them than answers."""
    tiny = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    async def flood() -> None:
        async with foe.wire("pipeline floods") as wire:
            sent, more = 0, True
            while more and sent < FLOOD_BYTES:
                more = await wire.send(tiny * 3000)
                sent += len(tiny) * 3000
                await wire.answers(1)
            await wire.end()

    await asyncio.gather(*(flood() for _ in range(foe.crowd // 5)))
