"""Probes beside the senders: each call with the answers that it may give, and their bound."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from uuid import uuid4

import aiohttp

from tests.support.service import PHONE_NUMBER, bearer
from tests.system.faults.deliveries import CUT, NO_ANSWER, NO_ANSWER_SECONDS, REFUSED, classify

EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Probe:
    """A call that somebody makes again and again.

    Attributes:
        call: its method and path.
        healthy: the status while nothing is wrong.
        bound_seconds: docs/durability.md promises an answer within this time.
        role: of the token; None: there is none, `stranger`: nobody knows it.
        may_refuse: whether it may be answered 503, with `ErrorInfo`.
        has_place: whether it is answered even while ordinary connections are used up.
    """

    name: str
    call: str
    healthy: str
    bound_seconds: float
    _: KW_ONLY
    role: str | None = None
    body: Mapping[str, object] | None = None
    may_refuse: bool = True
    has_place: bool = False

    @property
    def allowed(self) -> frozenset[str]:
        """Every status that it may answer."""
        return frozenset({self.healthy, REFUSED} if self.may_refuse else {self.healthy})


DEVICE = {"device": {"phoneNumber": PHONE_NUMBER}}
BAD = {"specversion": "1.0"}
NOTIFY = "POST /notifications"

PROBES = (
    Probe("livez", "GET /livez", "200", 1, may_refuse=False, has_place=True),
    Probe("readyz", "GET /readyz", "200", 3, has_place=True),
    Probe("metrics", "GET /metrics", "200", 2, may_refuse=False),
    Probe("question", "POST /status/retrieve", "200", 20, role="reader", body=DEVICE),
    Probe("stranger", NOTIFY, "401", 10, role="stranger", body=BAD),
    Probe("bad body", NOTIFY, "400", 10, role="sink", body=BAD),
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
    method, path = probe.call.split()
    try:
        async with session.request(
            method, address + path, json=probe.body, headers=headers
        ) as answer:
            return classify(answer.status, await answer.read())
    except TimeoutError:
        return NO_ANSWER
    except (aiohttp.ClientError, OSError):
        return CUT
