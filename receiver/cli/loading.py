"""What is slow to import and seldom needed is named by its place, and loaded where it is needed."""

from importlib import import_module
from typing import Any


def at(place: str) -> Any:
    """What a module holds under a name: `module:name`."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
