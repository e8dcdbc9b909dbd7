"""Statements whose text all questions of one shape share; each question has its own values.

SQLAlchemy takes milliseconds to compose a statement, and Postgres takes less to answer most of
them. The text is kept, for psycopg, as SQLAlchemy would send it; a statement has 600 kB.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.psycopg import dialect

from receiver.store.events.paging.parameters import shape_of, values_of
from receiver.store.events.selection import Selection

# Of filters and orders there are thousands of combinations, and readers use a few of them. A text
# has ten kilobytes.
SHAPES = 256


def write(statement: Select[*tuple[Any, ...]]) -> tuple[str, Mapping[str, Any]]:
    """Returns the text of a statement, and the values of its parameters by name."""
    written = statement.compile(dialect=dialect())  # type: ignore[no-untyped-call]
    return str(written), written.params


def share(
    compose: Callable[[Selection], Select[*tuple[Any, ...]]], selection: Selection
) -> tuple[str, Mapping[str, Any]]:
    """Returns the statement that all questions of this shape share, and the values of this one.

    Args:
        compose: makes the statement; the parameters have the names that `values_of` gives them.
    """
    text, constants = _share(compose, shape_of(selection))
    return text, {**constants, **values_of(selection)}


@lru_cache(SHAPES)
def _share(
    compose: Callable[[Selection], Select[*tuple[Any, ...]]], shape: Selection
) -> tuple[str, Mapping[str, Any]]:
    return write(compose(shape))
