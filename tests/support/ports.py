"""Ports that a program is told before it runs, and has again in its next life.

Where the kernel chooses, a port that is free now may be the source port of somebody's connection
by the time the program listens. It takes those from above, so these are from below.
"""

import os
import random
import socket

LOWEST, END = 12_000, 32_000

# Test processes at work on one machine.
PROCESSES = 16

_given: set[int] = set()


def free_port() -> int:
    """Returns a port of loopback that nobody listens on now, another one each time.

    Raises:
        RuntimeError: none is free.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ours = range(LOWEST + number % PROCESSES, END, PROCESSES)
    for _ in range(len(ours)):
        port = random.choice(ours)  # noqa: S311 - no secret
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise RuntimeError("no port is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
