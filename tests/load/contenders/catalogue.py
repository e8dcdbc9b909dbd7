"""Every contender that HTTP reaches, by name."""

from functools import partial

from tests.load.contenders import ours, tables
from tests.load.contenders.contender import Contender, uvicorn

TUTORIAL_TOKEN = "my-token"  # noqa: S105 - what the handlers look for

BARE = Contender(
    "bare", "bare uvicorn, 204", None, partial(uvicorn, "bare:app", token=TUTORIAL_TOKEN), None
)
OURS = Contender("ours", "this service", ours.prepare, ours.start, ours.STORED)
TUTORIAL_SYNC = Contender(
    "tutorial-sync",
    "tutorial's handler, Session",
    tables.make,
    partial(uvicorn, "tutorial_sync:app", token=TUTORIAL_TOKEN),
    tables.STORED,
)
TUTORIAL_ASYNC = Contender(
    "tutorial-async",
    "tutorial's handler, AsyncSession",
    tables.make,
    partial(uvicorn, "tutorial_async:app", token=TUTORIAL_TOKEN),
    tables.STORED,
)
CAREFUL = Contender(
    "careful",
    "careful handler, Core and a pool",
    tables.make,
    partial(uvicorn, "careful:app", token=TUTORIAL_TOKEN),
    tables.STORED_ONCE,
)

# The product under a plain uvicorn, so that pieces of it can be left out.
COMPOSED = Contender(
    "composed",
    "this service under a plain uvicorn",
    ours.prepare,
    partial(uvicorn, "without:create", token=ours.TOKEN, is_factory=True),
    ours.STORED,
)
