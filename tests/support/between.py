"""A pooler between the product and its database, in every system test, where `TEST_POOLER` asks.

`TEST_POOLER=transaction` runs PgBouncer in transaction mode before each Postgres, and that is the
only way that a command of the product is told. An installation then has its Postgres beside the
service and not inside it.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from receiver.postgres.binaries import installed_binaries
from tests.support.own_postgres import own_postgres
from tests.support.pooler import transaction_pooler
from tests.support.ports import free_port
from tests.support.processes import copy, open_folder
from tests.support.service import Installation

POOLER = os.environ.get("TEST_POOLER", "")
if POOLER not in {"", "transaction"}:
    raise RuntimeError("TEST_POOLER is `transaction`, or is not set")


def skip_behind_pooler(reason: str) -> pytest.MarkDecorator:
    """Skips a test where a pooler is between.

    Args:
        reason: why the test makes no sense there.
    """
    return pytest.mark.skipif(bool(POOLER), reason=f"behind a pooler: {reason}")


@contextmanager
def seeded(seed: Path, settings: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """An installation that was started before, in a folder of its own."""
    with open_folder() as folder, ExitStack() as stack:
        installation = Installation(folder, settings=settings or {})
        copy(seed, installation.data_dir)
        if POOLER:
            server = stack.enter_context(own_postgres(installation.data_dir))
            way = stack.enter_context(way_to(server.conninfo))
            port = str(free_port())
            told = {**(settings or {}), **way, "RECEIVER_PORT": port}
            installation = Installation(folder, settings=told, port=port)
        yield installation


def with_psql(url: str) -> dict[str, str]:
    """The settings of an installation on a server that is not its own, and so brings no psql."""
    path = f"{installed_binaries().bin_dir}{os.pathsep}{os.environ['PATH']}"
    return {"DATABASE_URL": url, "PATH": path}


@contextmanager
def way_to(conninfo: str) -> Iterator[dict[str, str]]:
    """The settings of an installation on a server, directly or through a pooler."""
    if not POOLER:
        yield with_psql(conninfo)
        return
    with transaction_pooler(conninfo) as pooled:
        yield with_psql(pooled)
