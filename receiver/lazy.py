"""Lazy imports of `module:name`, listed here because the import law cannot see them.

The only other list is that of the commands, `receiver.cli.commands`.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

# Alembic takes longer to import than most commands take to run, and a database that lacks no
# migration does not need it.
RUN_MIGRATIONS = "receiver.store.schema.running:run"
PRINT_MIGRATIONS = "receiver.store.schema.running:print_commands"

# Signatures and the fetch of keys, for which httpx, PyJWT and cryptography are imported.
ACCESS_TOKENS = "receiver.api.access.tokens.access_tokens:AccessTokens"

# The only module that needs the extra `opentelemetry`.
START_EXPORT = "receiver.tracing.export:start"

# The only module that needs the extra `parquet`.
PARQUET = "receiver.api.exports.parquet:ParquetEncoder"

# Each serving process imports it by itself, with the models of the OpenAPI document left unbuilt.
FASTAPI = "fastapi:FastAPI"

# uvicorn imports the application by this place in each worker process.
CREATE_WORKER = "receiver.app.worker:create"


@contextmanager
def paused_collector() -> Iterator[None]:
    """Stops the garbage collector for the length of the block.

    An import makes many objects and hardly any garbage: the collector looked through all of them
    again and again, for a quarter of the time in which the application is imported (1.1 -> 0.8 s).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def load(place: str) -> Any:
    """Imports a module and returns what it holds under a name.

    Args:
        place: `module:name`.
    """
    module, _, name = place.partition(":")
    with paused_collector():
        return getattr(import_module(module), name)
