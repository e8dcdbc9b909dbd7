"""What the tests ask a database besides the product: rows, and the plan of a question."""

from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'event'::regclass"


def rows(conninfo: str, query: str) -> list[dict[str, Any]]:
    """Returns the rows of a query, each by the names of its columns."""
    with psycopg.connect(conninfo, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()


def column(conninfo: str, query: str) -> list[str]:
    """Returns the first column of a query, as texts."""
    with psycopg.connect(conninfo) as connection:
        return [str(row[0]) for row in connection.execute(query).fetchall()]


def plan(conninfo: str, question: str | Select[*tuple[Any, ...]]) -> str:
    """Returns how Postgres would answer a question, with fresh statistics."""
    parameters: Any = None
    if not isinstance(question, str):
        compiled = question.compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]
        question, parameters = str(compiled), compiled.params
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("ANALYZE")
        explained = connection.execute(f"EXPLAIN {question}", parameters)
        return "\n".join(row[0] for row in explained.fetchall())
