"""Attacks that are whole requests: bad tokens, bad bodies, and calls that nobody offers."""

import asyncio
import json

from tests.system.hostile import bodies
from tests.system.hostile.foe import Foe, head, request
from tests.system.hostile.marks import IDENTIFIER, NUMBER, VALUE, WORD


async def bad_tokens(foe: Foe) -> None:
    """Many connections, each trying one token after the other."""

    async def guess(times: int) -> None:
        left = times
        while left:
            async with foe.wire("bad tokens") as wire:
                asked = 0
                while left and await wire.send(one_more()):
                    left, asked = left - 1, asked + 1
                    answered = len(wire.received)
                    await wire.answers(asked)
                    if len(wire.received) == answered or b"connection: close" in wire.received:
                        break

    def one_more() -> bytes:
        return request(foe.unknown_token(), body, connection="keep-alive")

    body = json.dumps(bodies.event(foe.number())).encode()
    await asyncio.gather(*(guess(foe.tokens // foe.crowd) for _ in range(foe.crowd)))


async def odd_tokens(foe: Foe) -> None:
    """Headers that are no bearer token, or hardly one."""
    token = foe.unknown_token()
    values = (
        *("", f"Basic {token}", token, f"Bearer  {token}  ", f"Bearer {token} {token}"),
        *(f"Bearer {token * 1000}", f"bearer\t{token}", f"Bearer {token}\x7f{VALUE}"),
    )
    plain = request("x", b"{}")
    lines = (f"Authorization: {value}".encode() for value in values)
    await foe.throw("odd tokens", *(plain.replace(b"Authorization: Bearer x", x) for x in lines))


async def bad_bodies(foe: Foe) -> None:
    """What is refused with its bytes kept: from a sender who may send, and one who may not."""
    refused = bodies.bad(foe.number())
    sent = [
        request(token, body, f"X-{WORD}: {NUMBER}0005")
        for body in refused
        for token in (foe.token, foe.unknown_token())
    ]
    binary = ("ce-specversion: 1.0", f"ce-id: {IDENTIFIER}", f"ce-time: {WORD}", f"ce-type: {WORD}")
    sent.append(request(foe.token, b"{}", *binary, f"ce-{WORD}: {NUMBER}0006"))
    batch = b"[" + b",".join(refused[:8]) + b"]"
    for media_type in ("application/cloudevents-batch+json", f"text/{WORD}", WORD):
        sent.append(request(foe.token, batch, media_type=media_type))
    await foe.throw("bad bodies", *sent)


async def giant_bodies(foe: Foe) -> None:
    """Deep and giant JSON, with a good token and without, with its length and in chunks."""
    chunked = ("Connection: close", "Content-Type: application/json", "Transfer-Encoding: chunked")
    for body in bodies.giant(foe.number()):
        chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        await foe.throw(
            "giant bodies",
            request(foe.token, body),
            request(foe.unknown_token(), body),
            head(foe.token, *chunked) + chunks,
        )


async def wild_calls(foe: Foe) -> None:
    """Paths, queries and methods that nobody offers, with values that belong in no URL."""
    number = f"%2B{NUMBER[1:]}"
    query = f"limit={WORD}&cursor={WORD}&{WORD}-1={number}0007&{number}0008={WORD}"
    lines = ("Content-Length: 0", "Connection: close")
    sent = []
    for target in ("/", f"/{WORD}/{NUMBER}0009", f"/devices/{WORD}", f"/events/{IDENTIFIER}"):
        for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE"):
            sent.append(head(foe.unknown_token(), *lines, target=target, method=method))
        for token in (foe.token, foe.reader):
            sent.append(head(token, *lines, target=f"{target}?{query}", method="GET"))
    body = json.dumps({"device": {"phoneNumber": VALUE, VALUE: VALUE}, VALUE: VALUE}).encode()
    for target in ("/notifications", "/events", "/events/retrieve", "/devices/retrieve"):
        for token in (foe.token, foe.reader):
            sent.append(request(token, body, target=f"{target}?{query}"))
        sent.append(head(foe.reader, *lines, target=f"{target}?{query}", method="GET"))
    await foe.throw("wild calls", *sent)
