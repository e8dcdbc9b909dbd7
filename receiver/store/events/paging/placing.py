"""Where the events of a selection are: on one server, or on several that each look for themselves.

On several servers no event is looked up for a row of something else: what is found by its key is
joined, and devices are chosen by a list of them.
"""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from receiver.store.connections.silence import may_be_distributed
from receiver.store.events.selection import Selection


async def place(connection: AsyncConnection, selection: Selection) -> Selection:
    """Returns the selection with where its events are."""
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None or not may_be_distributed(driver):
        return selection
    return replace(selection, is_apart=True)
