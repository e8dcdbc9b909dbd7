"""Every contender over HTTP, by name."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmark.contenders import ours, tables
from benchmark.contenders.contender import HANDLER_TOKEN, Contender, serve_uvicorn
from benchmark.contenders.foreign import fastify, go_pgx, node_red
from benchmark.machine.processes import ROOT

BARE = Contender(
    "bare",
    "bare uvicorn, 204",
    None,
    partial(serve_uvicorn, "bare:app", token=HANDLER_TOKEN),
    None,
)
OURS = Contender("ours", "this service", ours.prepare, ours.start, ours.STORED)
TUTORIAL_SYNC = Contender(
    "tutorial-sync",
    "tutorial's handler, Session",
    tables.make,
    partial(serve_uvicorn, "tutorial_sync:app", token=HANDLER_TOKEN),
    tables.STORED,
)
TUTORIAL_ASYNC = Contender(
    "tutorial-async",
    "tutorial's handler, AsyncSession",
    tables.make,
    partial(serve_uvicorn, "tutorial_async:app", token=HANDLER_TOKEN),
    tables.STORED,
)
CAREFUL = Contender(
    "careful",
    "careful handler, Core and a pool",
    tables.make,
    partial(serve_uvicorn, "careful:app", token=HANDLER_TOKEN),
    tables.STORED_ONCE,
)
GROUP = Contender(
    "group",
    "short group commit, Starlette and asyncpg",
    tables.make,
    partial(serve_uvicorn, "group:app", token=HANDLER_TOKEN),
    tables.STORED_ONCE,
)


# Programs of other languages, each by its name; what is not installed is left out of a run.
FOREIGN: Mapping[str, Callable[..., Contender]] = {
    "node-red": node_red.make_contender,
    "fastify": fastify.make_contender,
    "go": go_pgx.make_contender,
}


def make_installation(receiver: Path) -> Contender:
    """Returns another installation of the product.

    Args:
        receiver: its command, absolute.
    """
    return Contender(
        "other",
        "the other installation",
        partial(ours.prepare, receiver=(receiver,)),
        partial(ours.start, receiver=(receiver,)),
        ours.STORED,
    )


# The product so that pieces of it can be left out.
COMPOSED = Contender(
    "composed",
    "this service, composed by the benchmark",
    ours.prepare,
    partial(
        ours.start,
        receiver=(sys.executable, "-m", "benchmark.contenders.without"),
        directory=ROOT,
    ),
    ours.STORED,
)
