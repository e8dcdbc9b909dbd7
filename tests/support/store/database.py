"""A look at a database past the product: rows, the plan of a question, Alembic."""

from typing import Any

import psycopg
from alembic.config import Config
from psycopg.rows import dict_row
from sqlalchemy import Connection, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from tests.support.paths import ROOT

CLEAR_EVENTS = "TRUNCATE event, event_identity, device_status, subscription, device_identifier"
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
    query, parameters = (question, None) if isinstance(question, str) else written(question)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("ANALYZE")
        explained = connection.execute(f"EXPLAIN {query}", parameters)
        return "\n".join(row[0] for row in explained.fetchall())


def executed_plan(conninfo: str, question: Select[*tuple[Any, ...]]) -> dict[str, Any]:
    """Returns how Postgres answered a question: the tree of its nodes, with rows and buffers."""
    return explained(conninfo, *written(question))


def explained(conninfo: str, query: str, parameters: Any = None) -> dict[str, Any]:
    """Returns how Postgres answered a query, as `executed_plan` does."""
    with psycopg.connect(conninfo) as connection:
        return explained_by(connection, query, parameters)


def explained_by(connection: psycopg.Connection, query: str, parameters: Any) -> dict[str, Any]:
    """Returns how Postgres answered a query within a transaction, as `executed_plan` does."""
    answer = connection.execute(
        f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {query}".encode(), parameters
    )
    [([found],)] = answer.fetchall()
    root: dict[str, Any] = found["Plan"]
    return root


def written(question: Select[*tuple[Any, ...]]) -> tuple[str, Any]:
    """Returns a question as text, and its parameters."""
    dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
    compiled = question.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return str(compiled), compiled.params


def alembic_configuration(connection: Connection) -> Config:
    """Returns the configuration of the checkout, for commands over a connection."""
    configuration = Config(ROOT / "alembic.ini")
    configuration.attributes["connection"] = connection
    return configuration
