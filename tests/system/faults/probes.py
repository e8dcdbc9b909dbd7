"""Probes beside the senders: each call with the answers that it may give, and their bound."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import aiohttp

from tests.support.service import PHONE_NUMBER, bearer
from tests.system.faults.deliveries import CUT, NO_ANSWER, NO_ANSWER_SECONDS, classify

EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Probe:
    """A call that somebody makes again and again.

    Attributes:
        role: of the token; None: there is none, `stranger`: nobody knows it.
        healthy: the status while nothing is wrong.
        allowed: every status that it may answer, with `ErrorInfo` where that is an error.
        bound_seconds: docs/durability.md promises an answer within this time.
    """

    name: str
    method: str
    path: str
    role: str | None
    body: Mapping[str, object] | None
    healthy: str
    allowed: frozenset[str]
    bound_seconds: float


DEVICE = {"device": {"phoneNumber": PHONE_NUMBER}}
BAD = {"specversion": "1.0"}

PROBES = (
    Probe("livez", "GET", "/livez", None, None, "200", frozenset({"200"}), 1),
    Probe("readyz", "GET", "/readyz", None, None, "200", frozenset({"200", "503"}), 3),
    Probe("metrics", "GET", "/metrics", None, None, "200", frozenset({"200"}), 2),
    Probe(
        "question",
        "POST",
        "/status/retrieve",
        "reader",
        DEVICE,
        "200",
        frozenset({"200", "503"}),
        20,
    ),
    Probe(
        "stranger", "POST", "/notifications", "stranger", BAD, "401", frozenset({"401", "503"}), 10
    ),
    Probe("bad body", "POST", "/notifications", "sink", BAD, "400", frozenset({"400", "503"}), 10),
)


@dataclass(slots=True)
class Seen:
    """What one probe was answered.

    Attributes:
        answers: how often which.
        slowest_seconds: of the answers; of a probe that got none, how long it waited.
        healthy_at: when the last call with a healthy answer began, on the monotonic clock.
    """

    answers: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    healthy_at: float = 0.0

    def note(self, probe: Probe, outcome: str, began: float) -> None:
        """Notes the outcome of a call that began then."""
        self.answers[outcome] += 1
        if outcome != CUT:
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
        if outcome == probe.healthy:
            self.healthy_at = began


async def probe_all(
    addresses: Sequence[str],
    tokens: Mapping[str, str],
    seen: Mapping[str, Seen],
    over: threading.Event,
) -> None:
    """Makes every call again and again until it is over; each waits for its own last answer.

    Args:
        addresses: of the services; the first is asked.
        tokens: by role.
        seen: by the name of the probe.
    """
    timeout = aiohttp.ClientTimeout(total=NO_ANSWER_SECONDS)
    # A connection for each call, as an orchestrator makes it.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        asyncio.TaskGroup() as group,
    ):
        for probe in PROBES:
            group.create_task(
                _ask_again_and_again(session, addresses, probe, tokens, seen[probe.name], over)
            )


async def _ask_again_and_again(
    session: aiohttp.ClientSession,
    addresses: Sequence[str],
    probe: Probe,
    tokens: Mapping[str, str],
    seen: Seen,
    over: threading.Event,
) -> None:
    while not over.is_set():
        began = time.monotonic()
        seen.note(probe, await _ask(session, addresses[0], probe, tokens), began)
        await asyncio.sleep(EVERY_SECONDS)


async def _ask(
    session: aiohttp.ClientSession, address: str, probe: Probe, tokens: Mapping[str, str]
) -> str:
    token = tokens.get(probe.role or "", f"unknown-{uuid4()}")
    headers = bearer(token) if probe.role else {}
    try:
        async with session.request(
            probe.method, address + probe.path, json=probe.body, headers=headers
        ) as answer:
            return classify(answer.status, await answer.read())
    except TimeoutError:
        return NO_ANSWER
    except (aiohttp.ClientError, OSError):
        return CUT
