"""The variables of libpq: the embedded Postgres and its programs take nothing from them."""

import os
from collections.abc import Iterator

from psycopg.pq import Conninfo

# What libpq reads beside the defaults of its parameters.
BESIDE_PARAMETERS = ("PGDATESTYLE", "PGTZ", "PGGEQO", "PGSERVICEFILE", "PGSYSCONFDIR")


def libpq_variables() -> Iterator[str]:
    """Yields the name of every variable that changes how libpq connects, or what a session is."""
    yield from BESIDE_PARAMETERS
    for option in Conninfo.get_defaults():
        if option.envvar is not None:
            yield option.envvar.decode()


def forget_libpq_variables() -> None:
    """Removes them from this process and from what it starts.

    A parameter of the connection string overrides only some of them: libpq refuses a service that
    does not exist and an `sslmode` that it does not know, whatever the string says.
    """
    for name in libpq_variables():
        os.environ.pop(name, None)
