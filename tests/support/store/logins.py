"""Logins that may do little, on the server of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo


@contextmanager
def modest_login(conninfo: str, name: str) -> Iterator[str]:
    """Makes a login that may only connect, with the password of the given connection.

    Yields:
        How it connects to the same database.
    """
    quoted = sql.Identifier(name)
    password = sql.Literal(conninfo_to_dict(conninfo).get("password"))
    make = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(quoted, password)
    with psycopg.connect(conninfo, autocommit=True) as administrator:
        administrator.execute(make)
        try:
            yield make_conninfo(conninfo, user=name)
        finally:
            administrator.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(quoted))
            administrator.execute(sql.SQL("DROP ROLE {}").format(quoted))
