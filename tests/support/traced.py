"""What is sent to Postgres, from libpq's own trace."""

from pathlib import Path

from psycopg import AsyncConnection
from psycopg.pq import Trace


def sent(trace: Path) -> list[str]:
    """Returns the messages that the client sent, by their names."""
    lines = [line.split("\t") for line in trace.read_text().splitlines()]
    return [line[2] for line in lines if line[0] == "F"]


def start_trace(connection: AsyncConnection, descriptor: int) -> None:
    """Has libpq write each message of a connection to an open file."""
    connection.pgconn.trace(descriptor)
    connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
