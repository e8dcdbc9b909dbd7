"""Lazy imports of `module:name`, listed here because the import law cannot see them.

The only other list is that of the commands, `receiver.cli.commands`.
"""

from importlib import import_module
from typing import Any

# Alembic takes longer to import than most commands take to run, and few commands need it.
MIGRATE = "receiver.store.schema.migrating:migrate"

# The only module that needs the extra `opentelemetry`.
START_EXPORT = "receiver.tracing.export:start"

# uvicorn imports the application by this place in each worker process.
CREATE_WORKER = "receiver.app.worker:create"


def load(place: str) -> Any:
    """Imports a module and returns what it holds under a name.

    Args:
        place: `module:name`.
    """
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
