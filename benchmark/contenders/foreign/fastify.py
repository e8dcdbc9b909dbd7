"""Fastify, a web framework on Node.js, with the driver `pg`; npm fetches both."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmark.contenders import tables
from benchmark.contenders.contender import (
    HANDLER_TOKEN,
    HOST,
    Contender,
    Instance,
    Place,
    serve,
)
from benchmark.contenders.foreign import npm
from benchmark.machine import processes
from benchmark.machine.folders import find_cache
from receiver.errors import ConfigurationError

SCRIPT = Path(__file__).with_suffix(".js")
PACKAGES = ("fastify@5", "pg@8")
# Fastify 5 takes no older one.
NODE_MAJOR = 20


def make_contender(*, install: bool) -> Contender:
    """Returns the handler, and installs what it needs if necessary.

    Args:
        install: whether apt-get may install npm, as root.

    Raises:
        ConfigurationError: its packages cannot be installed; the message says why.
    """
    program = npm.find_npm(install=install)
    _require_node()
    home = find_cache("fastify")
    if not all((home / "node_modules" / name).exists() for name in ("fastify", "pg")):
        npm.install(program, home, *PACKAGES)
    return Contender(
        "fastify",
        "Fastify and pg, an insert each",
        tables.make,
        partial(_start, home=home),
        tables.STORED_ONCE,
    )


def _require_node() -> None:
    said = subprocess.run(
        ["node", "--version"],  # noqa: S607 - whichever node there is
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    major = said.removeprefix("v").partition(".")[0]
    if not major.isdecimal() or int(major) < NODE_MAJOR:
        raise ConfigurationError(f"node is {said or 'broken'}, and must be {NODE_MAJOR} or newer")


@contextmanager
def _start(place: Place, *, home: Path) -> Iterator[Instance]:
    port = processes.find_free_port()
    # Node finds packages beside the script.
    script = npm.copy_into(home, SCRIPT)
    variables = {
        "DATABASE_POOL": json.dumps(npm.make_pool_options(place.url)),
        "NODE_ENV": "production",
    }
    command: list[str | Path] = ["node", script, HOST, str(port)]
    with serve(command, place, variables, HANDLER_TOKEN, port) as running:
        yield running
