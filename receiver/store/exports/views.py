"""The rows of reporting views for an export: whatever columns a view has, in short transactions.

A page of devices or sessions is a range of device ids, one of subscriptions begins behind the last
key. A row that changes meanwhile is in the export as it was before or after.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, TableClause, Text, column, literal, select, tuple_
from sqlalchemy import table as sql_table
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.connections.engine import asking, reading
from receiver.store.derived.tables import device_status
from receiver.store.events.paging.exporting import Lines
from receiver.store.exports.cells import Cell, CellType

COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = %(view)s::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""

# Rows of `device_status` for a page of devices, up to five for each device.
RANGE_ROWS = 2000
# Subscriptions of a page.
PAGE_ROWS = 1000

_TYPES = {
    "uuid": CellType.PLAIN,
    "text": CellType.TEXT,
    "text[]": CellType.LIST,
    "uuid[]": CellType.LIST,
    "integer": CellType.NUMBER,
    "bigint": CellType.NUMBER,
    "boolean": CellType.BOOLEAN,
    "timestamp with time zone": CellType.TIME,
}


@dataclass(frozen=True, slots=True)
class View:
    """A view that can be exported.

    Attributes:
        name: in the schema `reporting`.
        key: what orders its rows.
    """

    name: str
    key: tuple[str, ...]


DEVICES = View("device", ("device_id",))
SESSIONS = View("roaming_session", ("device_id", "from_at"))
SUBSCRIPTIONS = View("subscription", ("credential", "subscription_id"))


class ViewPage(NamedTuple):
    """Some rows of a view.

    Attributes:
        lines: of the rows.
        share: of the whole that was read with them, 0 to 1; None: not known.
    """

    lines: Lines
    share: float | None


async def read_cells(engine: AsyncEngine, view: View) -> Sequence[Cell]:
    """Returns the columns of a view.

    Raises:
        DatabaseAway: as `reading`.
    """
    async with reading(engine) as connection:
        cursor = await connection.execute(COLUMNS, {"view": f"reporting.{view.name}"})
        found = await cursor.fetchall()
    return [
        # + and digits, as in the export of events.
        Cell(name, CellType.PLAIN if name == "phone_number" else _TYPES[type_], column(name))
        for name, type_ in found
    ]


async def read_view(
    engine: AsyncEngine, view: View, line: ColumnElement[str]
) -> AsyncGenerator[ViewPage]:
    """Yields the rows of a view in the order of its key.

    Args:
        line: the SQL of a line.

    Raises:
        DatabaseAway: as `asking`.
    """
    table = sql_table(view.name, *map(column, view.key), schema="reporting")
    pages = _by_device if view.key[0] == "device_id" else _by_key
    async for page in pages(engine, table, line):
        yield page


async def _by_device(
    engine: AsyncEngine, table: TableClause, line: ColumnElement[str]
) -> AsyncGenerator[ViewPage]:
    low, high = UUID(int=0), None
    is_first = True
    while is_first or high is not None:
        status = device_status.c.device_id
        following = select(status).where(status > low).order_by(status)
        device_id = table.c.device_id
        async with asking(engine) as connection:
            found = await connection.execute(following.offset(RANGE_ROWS).limit(1))
            high = found.scalar()
            question = select(line).select_from(table).order_by(*table.c)
            question = question.where(device_id >= low if is_first else device_id > low)
            if high is not None:
                question = question.where(device_id <= high)
            lines = list((await connection.execute(question)).scalars())
        yield ViewPage(_lines(lines), 1.0 if high is None else high.int / 2**128)
        low, is_first = high or low, False


async def _by_key(
    engine: AsyncEngine, table: TableClause, line: ColumnElement[str]
) -> AsyncGenerator[ViewPage]:
    after: Sequence[Any] | None = None
    rows: Sequence[Any] = range(PAGE_ROWS)
    while len(rows) == PAGE_ROWS:
        question = select(line, *table.c).select_from(table).order_by(*table.c).limit(PAGE_ROWS)
        if after is not None:
            last = tuple_(*(literal(value, Text) for value in after))
            question = question.where(tuple_(*table.c) > last)
        async with asking(engine) as connection:
            rows = (await connection.execute(question)).all()
        if rows:
            after = rows[-1][1:]
        yield ViewPage(_lines([row[0] for row in rows]), None)


def _lines(texts: Sequence[str]) -> Lines:
    return Lines("\n".join(texts).encode(), len(texts))
