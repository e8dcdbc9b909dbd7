"""Much of what is allowed: answers that nobody reads, endless bodies, questions without pause."""

import asyncio
import gzip
import json
import zlib

from tests.system.hostile import bodies
from tests.system.hostile.foe import Foe, head, request
from tests.system.hostile.marks import NUMBER, VALUE, WORD

# Longer than the service waits for a reader.
UNREAD_SECONDS = 4.0
UNREAD_REQUESTS = 90
RECEIVE_BYTES = 2048
ENDLESS_BYTES = 2 * 1024 * 1024
BLANKS = b"%x\r\n%b\r\n" % (65_536, b" " * 65_536)
MEMBERS = 1000
BATCHES = 2
QUESTIONS = 5
PROBES = 20
BOMB_BYTES = 100 * 1024 * 1024


async def unread_answers(foe: Foe) -> None:
    """Asks for much, and reads none of it."""
    keep = ("Connection: keep-alive",)
    targets = (("/openapi.json", foe.unknown_token()), ("/events?limit=1000", foe.reader))

    async def ignore(target: str, token: str) -> None:
        async with foe.wire("unread answers", receive_bytes=RECEIVE_BYTES) as wire:
            asked = head(token, *keep, target=target, method="GET") * UNREAD_REQUESTS
            await wire.send(asked)
            await asyncio.sleep(UNREAD_SECONDS)

    await asyncio.gather(*(ignore(*targets[n % 2]) for n in range(foe.crowd // 2)))


async def endless_bodies(foe: Foe) -> None:
    """Bodies that do not end, to every call that takes one, with a good token and without."""
    lines = ("Content-Type: application/json", "Transfer-Encoding: chunked")

    async def pour(target: str, token: str) -> None:
        async with foe.wire("endless bodies") as wire:
            more = await wire.send(head(token, *lines, target=target))
            sent = 0
            while more and sent < ENDLESS_BYTES:
                more = await wire.send(BLANKS)
                sent += len(BLANKS)
            await wire.end()

    targets = ("/notifications", "/webhook", "/events/retrieve", "/devices/retrieve")
    quarantine = "/quarantine/AAAAAAAAAAE/reprocess"
    tokens = (foe.token, foe.reader, foe.admin, foe.unknown_token())
    await asyncio.gather(*(pour(to, token) for to in (*targets, quarantine) for token in tokens))


async def quarantine_flood(foe: Foe) -> None:
    """A sender of its own, each of whose small batches is a thousand refusals."""
    long = [f"X-{WORD}-{number}: {VALUE.encode().hex() * 400}" for number in range(6)]
    batch = json.dumps([1] * MEMBERS).encode()
    media_type = "application/cloudevents-batch+json"
    one = request(foe.flooder, batch, *long, media_type=media_type)
    await foe.throw("quarantine flood", *([one] * BATCHES))


async def wrong_paths(foe: Foe) -> None:
    """Notifications to paths that no call has: one answer, whoever sends them."""
    body = json.dumps(bodies.event(foe.number())).encode()
    sent = []
    for target in ("/", "/Notifications", f"/{WORD}/{NUMBER}0010", f"/notifications/{WORD}?{WORD}"):
        for token in (foe.flooder, foe.reader, foe.unknown_token()):
            sent.append(request(token, body, target=target))
    await foe.throw("wrong paths", *sent)
    assert set(foe.answers["wrong paths"]) <= {"404", "503"}, foe.answers["wrong paths"]


async def bombs(foe: Foe) -> None:
    """Small bodies that unfold into much."""
    blanks = bytes(BOMB_BYTES) if not _BOMBS else b""
    if blanks:
        packed = gzip.compress(blanks, 9)
        _BOMBS.update(
            {
                "gzip": packed,
                "deflate": zlib.compress(blanks, 9),
                "gzip, gzip": gzip.compress(packed, 9),
                "gzip, gzip, gzip": gzip.compress(gzip.compress(packed, 9), 9),
                "br": packed,
            }
        )
    sent = [
        request(token, body, f"Content-Encoding: {coding}", target=target)
        for coding, body in _BOMBS.items()
        for token in (foe.flooder, foe.unknown_token())
        for target in ("/notifications", "/webhook")
    ]
    await foe.throw("bombs", *sent)


# Made once: packing takes longer than all that the service does with them.
_BOMBS: dict[str, bytes] = {}


async def questions(foe: Foe) -> None:
    """A reader who asks for whole pages without pause."""
    await _ask(foe, "questions", foe.reader, "/events?limit=200", QUESTIONS)


async def readiness(foe: Foe) -> None:
    """Probes without pause."""
    await _ask(foe, "readiness", foe.unknown_token(), "/readyz", PROBES)


async def _ask(foe: Foe, attack: str, token: str, target: str, times: int) -> None:
    asked = head(token, "Connection: keep-alive", target=target, method="GET")

    async def ask() -> None:
        async with foe.wire(attack, may_see=True) as wire:
            for number in range(times):
                if not await wire.send(asked):
                    break
                await wire.answers(number + 1)

    await asyncio.gather(*(ask() for _ in range(foe.crowd)))
