"""Reading clients, in a process of their own: the sender of the intake would be in the way."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

from benchmark.fleet.asking import READER_TOKEN, Reader, Request


def ask_in_turn(
    address: str, requests: Sequence[Request], clients: int, pause_seconds: float, seconds: float
) -> int:
    """Lets several clients ask, each over a connection of its own; returns the number of answers.

    Args:
        requests: each client asks them in turn, from another one on.
        pause_seconds: from one request of a client to its next.
    """
    client = partial(_ask, address, requests, pause_seconds, seconds)
    with ThreadPoolExecutor(clients) as pool:
        places = (number * len(requests) // clients for number in range(clients))
        return sum(pool.map(client, places))


def _ask(
    address: str, requests: Sequence[Request], pause_seconds: float, seconds: float, place: int
) -> int:
    begin, asked = time.monotonic(), 0
    with closing(Reader(address, READER_TOKEN)) as reader:
        while (late := time.monotonic() - begin) < seconds:
            time.sleep(max(0.0, asked * pause_seconds - late))
            reader.send(requests[(place + asked) % len(requests)])
            asked += 1
    return asked
