"""Attacks through a proxy: no answer to a good sender is anybody else's, and none goes astray.

A proxy keeps its connections to the service and shares them among its callers, so whatever makes
proxy and service disagree on where a request ends gives a caller the answer of another.
"""

import asyncio
import os
import re
import time
from functools import partial
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.support.proxies import PROXIES, SINK, Start, find_caddy, find_program, proxied
from tests.support.service import Service, bearer, notification, open_folder
from tests.system.hostile.foe import Foe, head
from tests.system.hostile.smuggling import OFFERS, offering

LONG = float(os.environ.get("HOSTILE_SECONDS", "300")) / 5
# One round of all offers, and a few more.
SHORT = 0.5
BLOCK = 4096
BLOCKS = (2, 2, 40)
PAUSE_SECONDS = 0.01
CORRELATOR = re.compile(rb"(?i)x-correlator: ([^\r]*)")
# Attacks at once; each holds a connection of the proxy's to the service.
CROWD = 8
GOOD = 4

# As a team without our files may write them: an offer to upgrade is passed on.
PASSING = {
    "caddy": """{{
	admin off
	auto_https off
	persist_config off
}}
http://{sink}:{port} {{
	bind 127.0.0.1
	reverse_proxy {upstream}
}}
""",
    "nginx": """daemon off;
pid {folder}/pid;
worker_processes 1;
events {{ }}
http {{
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	access_log off;
	upstream receiver {{ server {upstream}; keepalive 4; }}
	map $http_upgrade $kept {{ default upgrade; "" ""; }}
	server {{
		listen 127.0.0.1:{port};
		location / {{
			proxy_pass http://receiver;
			proxy_http_version 1.1;
			proxy_request_buffering off;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection $kept;
		}}
	}}
}}
""",
}


def hidden(token: str) -> bytes:
    """A request that fills a block exactly: wherever a proxy cuts a body of them, one begins."""
    lines = ("Content-Length: 0", "Connection: keep-alive", "X-Correlator: hidden", "X-Pad: ")
    whole = head(token, *lines)
    return whole.replace(b"X-Pad: ", b"X-Pad: " + b"x" * (BLOCK - len(whole)))


async def smuggle(foe: Foe) -> None:
    """Hides requests of strangers in the bodies of requests that offer to upgrade."""

    async def offer(lines: tuple[str, ...], blocks: int, is_chunked: bool) -> None:
        body = b"".join(hidden(foe.unknown_token()) for _ in range(blocks))
        own = "X-Correlator: strangers"
        start, rest = offering(foe.unknown_token(), body, *lines, own, is_chunked=is_chunked)
        # Caddy serves the names that it knows alone.
        start = start.replace(b"samarkand.example", SINK.encode())
        async with foe.wire("smuggling") as wire:
            for part in (start, rest):
                await wire.send(part)
                await asyncio.sleep(PAUSE_SECONDS)
            await wire.answers(1)
        answered = CORRELATOR.findall(wire.received)
        assert set(answered) <= {b"strangers"}, answered

    await asyncio.gather(
        *(offer(OFFERS[n % 4], BLOCKS[n % 3], is_chunked=n % 4 == 3) for n in range(CROWD))
    )


async def post_good(address: str, token: str, number: int, ended: float) -> int:
    """Posts one notification after the other; returns how many were answered, each with its own."""
    headers = {"host": SINK, "content-type": "application/cloudevents+json", **bearer(token)}
    # Nothing is verified, and reading the authorities' certificates takes long.
    transport = httpx.AsyncHTTPTransport(verify=False, trust_env=False)
    turn = 0
    async with httpx.AsyncClient(
        transport=transport, base_url=address, headers=headers, timeout=60
    ) as client:
        while turn == 0 or time.monotonic() < ended:
            turn += 1
            own = f"good-{number}-{turn}"
            answer = await client.post(
                "/notifications", json=notification(), headers={"x-correlator": own}
            )
            assert (answer.status_code, answer.headers["x-correlator"]) == (204, own)
    return turn


async def besiege(foe: Foe, seconds: float) -> int:
    """Returns how many good notifications were answered meanwhile."""
    ended = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        good = [
            group.create_task(post_good(foe.address, foe.token, number, ended))
            for number in range(GOOD)
        ]
        while time.monotonic() < ended:
            await smuggle(foe)
    return sum(task.result() for task in good)


def start_passing(kind: str, folder: Path, port: int, upstream: str) -> list[str]:
    """Returns the command that runs a proxy which passes offers on."""
    file = folder / "passing"
    file.write_text(PASSING[kind].format(folder=folder, port=port, sink=SINK, upstream=upstream))
    if kind == "nginx":
        program = find_program(kind)
        return [program, "-e", "stderr", "-p", str(folder), "-c", str(file)]
    return [find_caddy(), "run", "--config", str(file), "--adapter", "caddyfile"]


WAYS: dict[str, Start] = {
    **{f"{kind} as it ships": start for kind, start in PROXIES.items()},
    **{f"{kind} that passes offers on": partial(start_passing, kind) for kind in PASSING},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "seconds",
    [pytest.param(SHORT, id="short"), pytest.param(LONG, id="long", marks=pytest.mark.long)],
)
def test_no_answer_through_a_proxy_is_anybody_elses(
    service: Service, sink: str, way: str, seconds: float
) -> None:
    with open_folder() as folder, proxied(WAYS[way], service.address, folder) as address:
        foe = Foe(address, sink, "", "", "", CROWD, 0, Random(0))  # noqa: S311 - repeatable
        answered = asyncio.run(besiege(foe, seconds))
    print(f"{way}: {answered} good answers, {dict(foe.answers)}")  # noqa: T201 - the figures
    assert set(foe.answers["smuggling"]) <= {"400", "401", "404", "429"}
