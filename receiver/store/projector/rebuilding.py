"""A rebuild that is asked for: every device is derived anew, also beside a service that derives."""

import asyncio
from collections.abc import Callable

import psycopg
from psycopg import AsyncConnection

from receiver.errors import ConfigurationError, DatabaseAway
from receiver.store.connections.database import connect_async
from receiver.store.derived.derivation import DERIVATION
from receiver.store.health.progress import share_of
from receiver.store.projector.projecting import START_REBUILD, STATEMENT_SECONDS, Projection

# A derivation of a newer release is left to that release, as long as it serves.
BEGIN = f"{START_REBUILD} WHERE greatest(derivation, rebuilding) <= {DERIVATION}"

# Of no release: a process of the newer one, if there is one left, takes it back.
TAKE_OVER = START_REBUILD + ", derivation = 0"
PROGRESS = "SELECT rebuilding, rebuilt_below FROM projection"

# Another process derives at the moment; its steps take some hundredths of a second.
WAIT_SECONDS = 0.05


async def rebuild(
    conninfo: str,
    projection: Projection,
    note: Callable[[float], None],
    *,
    takes_over: bool = False,
) -> None:
    """Derives all devices anew, and all events that are not derived yet.

    Args:
        projection: takes the steps that no other process takes.
        note: called after each step with the share of the devices that is done, 0 to 1.
        takes_over: also where a newer release derived what there is.

    Raises:
        ConfigurationError: a newer release derived what there is, and this one does not take over.
        DatabaseAway: the database is away, too slow or not migrated; what is done stays done, and a
            service goes on with the rest.
    """
    # An installation that has never derived begins here.
    await projection.derive()
    try:
        async with await _connect(conninfo) as connection:
            begin = TAKE_OVER if takes_over else BEGIN
            if (await connection.execute(begin)).rowcount == 0:
                raise ConfigurationError(
                    "a newer release derived the answers; rebuild with that one, or with"
                    " --take-over once none of it serves"
                )
            while (share := await _find_share(connection)) < 1:
                note(share)
                if not await projection.derive():
                    await asyncio.sleep(WAIT_SECONDS)
    except psycopg.Error as error:
        raise DatabaseAway(f"the rebuild cannot go on (SQLSTATE {error.sqlstate})") from error
    note(1.0)


async def _connect(conninfo: str) -> AsyncConnection:
    return await connect_async(
        conninfo, statement_timeout_seconds=STATEMENT_SECONDS, prepare_threshold=None
    )


async def _find_share(connection: AsyncConnection) -> float:
    [(rebuilding, below)] = await (await connection.execute(PROGRESS)).fetchall()
    return share_of(rebuilding, below)
