"""Every contender over HTTP, by name."""

import sys
from functools import partial
from pathlib import Path

from benchmark.contenders import ours, tables
from benchmark.contenders.contender import Contender, serve_uvicorn
from benchmark.machine.processes import ROOT

TUTORIAL_TOKEN = "my-token"  # noqa: S105 - the constant of the handlers

BARE = Contender(
    "bare",
    "bare uvicorn, 204",
    None,
    partial(serve_uvicorn, "bare:app", token=TUTORIAL_TOKEN),
    None,
)
OURS = Contender("ours", "this service", ours.prepare, ours.start, ours.STORED)
TUTORIAL_SYNC = Contender(
    "tutorial-sync",
    "tutorial's handler, Session",
    tables.make,
    partial(serve_uvicorn, "tutorial_sync:app", token=TUTORIAL_TOKEN),
    tables.STORED,
)
TUTORIAL_ASYNC = Contender(
    "tutorial-async",
    "tutorial's handler, AsyncSession",
    tables.make,
    partial(serve_uvicorn, "tutorial_async:app", token=TUTORIAL_TOKEN),
    tables.STORED,
)
CAREFUL = Contender(
    "careful",
    "careful handler, Core and a pool",
    tables.make,
    partial(serve_uvicorn, "careful:app", token=TUTORIAL_TOKEN),
    tables.STORED_ONCE,
)


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
