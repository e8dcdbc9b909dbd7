"""`reporting.md`: every view and function of the schema `reporting`, as a database tells them."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from pathlib import Path

import psycopg

from docs.generator import markdown
from receiver.postgres import embedded_postgres
from receiver.store.schema.migrating import migrate

INTRODUCTION = """
What `receiver psql --reports` reads; [reports.md](reports.md) says how to connect, and answers the
usual questions with it. A release adds columns, and never renames or removes one.
"""

COLUMNS = """
SELECT pg_class.relname, obj_description(pg_class.oid, 'pg_class'), attname,
    format_type(atttypid, atttypmod), col_description(pg_class.oid, attnum)
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = 'reporting'::regnamespace AND relkind IN ('v', 'm')
ORDER BY relname, attnum
"""

FUNCTIONS = """
SELECT format('%s(%s)', proname, pg_get_function_identity_arguments(oid)),
    obj_description(oid, 'pg_proc'), pg_get_function_result(oid)
FROM pg_proc WHERE pronamespace = 'reporting'::regnamespace
ORDER BY proname, 1
"""

Column = tuple[str, str, str, str, str]
Function = tuple[str, str, str]


def page() -> str:
    """Returns the page."""
    columns, functions = _read()
    views = [part for _, rows in groupby(columns, lambda row: row[0]) for part in _view(rows)]
    return markdown.page("Views for reports", INTRODUCTION, *views, *map(_function, functions))


def _view(rows: Iterable[Column]) -> Iterator[str]:
    described = list(rows)
    name, meaning, *_ = described[0]
    yield f"## reporting.{name}"
    yield f"{meaning}."
    yield markdown.table(
        ("column", "type", "meaning"),
        [(markdown.code(column), _shorten(type_), text) for _, _, column, type_, text in described],
    )


def _function(function: Function) -> str:
    signature, meaning, result = function
    heading = f"## reporting.{_shorten(signature)}"
    return f"{heading}\n\n{meaning}.\n\nReturns {markdown.code(_shorten(result))}."


def _shorten(type_: str) -> str:
    return type_.replace("timestamp with time zone", "timestamptz")


@cache
def _read() -> tuple[list[Column], list[Function]]:
    with migrated_database() as conninfo, psycopg.connect(conninfo) as connection:
        columns: list[Column] = connection.execute(COLUMNS).fetchall()
        functions: list[Function] = connection.execute(FUNCTIONS).fetchall()
    return columns, functions


@contextmanager
def migrated_database() -> Iterator[str]:
    """Yields a database that the migrations made, on a server of its own."""
    folder = Path(tempfile.mkdtemp(prefix="dsr-"))
    # As root, Postgres runs as a user who could not enter it.
    folder.chmod(0o755)
    try:
        with embedded_postgres(folder / "data") as server:
            migrate(server.conninfo)
            yield server.conninfo
    finally:
        shutil.rmtree(folder)
