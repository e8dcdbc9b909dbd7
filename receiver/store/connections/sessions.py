"""The session of a connection says by itself what answers depend on.

Settings of the database, of the role and of the shell reach every new session. The session of this
service replaces those that change how a value is read or written, a table is found or a commit is
confirmed. What a pooler hands to other sessions stays as it is:

| setting | directly | behind a pooler |
|---|---|---|
| client_encoding | at the start of the session | the same; the pooler keeps it for its client |
| DateStyle, TimeZone, standard_conforming_strings | set once | the same |
| statement_timeout, and what a connection asks for beside it | set once | set by each transaction |
| search_path, bytea_output, default_transaction_isolation | set once | not touched |

default_transaction_read_only stays as it is everywhere: it is how an administrator stops writes.
"""

import os
from collections.abc import Mapping

from psycopg import BaseConnection

# libpq sends them at the start of every session; no parameter of a connection string prevents it.
# PGCLIENTENCODING needs no place here, because `ENCODING` overrides it.
SHELL_VARIABLES = ("PGDATESTYLE", "PGTZ", "PGGEQO", "PGOPTIONS")

# Of the client and of the database. A parameter of the connection, because role and database have
# no say in it then, and every pooler knows it.
ENCODING = "UTF8"

# A standby answers it, and every server while default_transaction_read_only stops writes.
READ_ONLY = "25006"

# The tables are in this schema.
SEARCH_PATH = "public"

# The C library of most servers gives the memory of a statement back to the system when it ends, and
# the next one fetches it page by page: up to a fifth of the processor time of large batches. Once a
# value of this size was freed, it keeps as much.
KEPT_BYTES = 4 * 2**20
# A value of single characters takes seven times as long to make, and one of a constant number of
# blocks is made while the statement is planned, and then copied: 29 ms for each session, not 4.
BLOCK_BYTES = 32 * 2**10

# A statement and not start-up options, because transaction poolers refuse the latter. A pooler
# gives its client a process id of its own making, and a server gives its own. The catalogue of
# distributed tables is there where events may be distributed.
INTRODUCE = f"""
SELECT
    pg_backend_pid() = %(pid)s,
    to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL,
    octet_length(repeat(
        repeat(' ', {BLOCK_BYTES}), {KEPT_BYTES // BLOCK_BYTES} + 0 * pg_backend_pid()
    )),
    set_config('DateStyle', 'ISO, YMD', false),
    set_config('TimeZone', 'UTC', false),
    set_config('standard_conforming_strings', 'on', false),
    CASE WHEN pg_backend_pid() = %(pid)s THEN
        set_config('search_path',
            COALESCE(%(search_path)s, current_setting('search_path')), false)
        || set_config('bytea_output', 'hex', false)
        || set_config('default_transaction_isolation', 'read committed', false)
        || (
            SELECT string_agg(set_config(name, value, false), '')
            FROM unnest(%(names)s::text[], %(values)s::text[]) AS asked_for (name, value)
        )
    END
"""  # noqa: S608 - of constants


def forget_shell_variables() -> None:
    """Removes from this process what the shell says of sessions."""
    for name in SHELL_VARIABLES:
        os.environ.pop(name, None)


def introduction(
    connection: BaseConnection[object], settings: Mapping[str, str] | None = None
) -> Mapping[str, object]:
    """Returns the parameters of `INTRODUCE`.

    Args:
        settings: others that the session begins with, by name.
    """
    is_path_chosen = "search_path" in connection.info.options.lower()
    asked_for = settings or {}
    return {
        "pid": connection.info.backend_pid,
        "search_path": None if is_path_chosen else SEARCH_PATH,
        "names": list(asked_for),
        "values": list(asked_for.values()),
    }
