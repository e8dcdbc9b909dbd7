"""A look at a database past the product: rows, the plan of a question, Alembic."""

from typing import Any

import psycopg
from alembic.config import Config
from psycopg.rows import dict_row
from sqlalchemy import Connection, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from tests.support.paths import ROOT

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


def alembic_configuration(connection: Connection) -> Config:
    """Returns the configuration of the checkout, for commands over a connection."""
    configuration = Config(ROOT / "alembic.ini")
    configuration.attributes["connection"] = connection
    return configuration
