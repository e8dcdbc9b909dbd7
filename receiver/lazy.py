"""Lazy imports of `module:name`, and the list of all of them: the import law cannot see these."""

from importlib import import_module
from typing import Any

# Alembic takes longer to import than most commands take to run.
MIGRATE = "receiver.store.schema.migrating:migrate"

# The only module that needs the extra `opentelemetry`.
START_EXPORT = "receiver.tracing.export:start"

# Imported by uvicorn in each worker process.
CREATE_WORKER = "receiver.app.worker:create"


def load(place: str) -> Any:
    """Imports a module and returns what it holds under a name.

    Args:
        place: `module:name`.
    """
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
