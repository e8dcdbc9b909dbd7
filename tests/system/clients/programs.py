"""Programs of other languages that post notifications, each with its defaults."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.system.clients.libraries import LIBRARIES, Post, headers_of

FOLDER = Path(__file__).parent
# Go builds the program first, and a newer one its library too.
SECONDS = 240

CURL = {
    "curl": (),
    "curl --http1.1": ("http1.1",),
    "curl --http2": ("http2",),
    "curl --http1.0": ("http1.0",),
}
COMMANDS = {
    "Java's HttpClient": ("java", str(FOLDER / "Client.java")),
    "Go's net/http": ("go", "run", str(FOLDER / "client.go")),
    "Node's fetch": ("node", str(FOLDER / "client.mjs")),
}


def run(*command: str, stdin: str) -> list[int]:
    """The statuses that a program prints; its test is skipped where it is not installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    outer = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    ran = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**outer, "GO111MODULE": "off"},
        check=False,
    )
    if "does not support this" in ran.stderr:
        pytest.skip(f"this {command[0]} is built without it")
    assert ran.returncode == 0, ran.stderr
    return [int(status) for status in ran.stdout.split()]


def by_command(command: Sequence[str], url: str, token: str, bodies: Sequence[str]) -> list[int]:
    return run(*command, url, token, stdin="".join(f"{body}\n" for body in bodies))


def by_curl(options: Sequence[str], url: str, token: str, bodies: Sequence[str]) -> list[int]:
    """One curl, which posts them one after the other and keeps its connection."""

    def request(body: str) -> str:
        quoted = body.replace("\\", "\\\\").replace('"', '\\"')
        headers = [f'header = "{name}: {value}"' for name, value in headers_of(token).items()]
        fixed = ("silent", 'output = "/dev/null"', 'write-out = "%{http_code}\\n"')
        return "\n".join([*options, *fixed, *headers, f'data-binary = "{quoted}"', f"url = {url}"])

    return run("curl", "--config", "-", stdin="\nnext\n".join(map(request, bodies)))


CLIENTS: dict[str, Post] = {
    **{name: partial(by_curl, options) for name, options in CURL.items()},
    **{name: partial(by_command, command) for name, command in COMMANDS.items()},
    **LIBRARIES,
}
