"""Each type of value is written as the table of the module says, and what is not known nowhere."""

import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy import Boolean, DateTime, Integer, Text, Uuid, bindparam, column, null, select
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.store.exports.cells import (
    GUARD,
    Cell,
    CellType,
    csv_line,
    join,
    json_line,
    json_object,
    write_once,
)
from tests.support.arrivals import MORNING, NAMESPACE
from tests.support.exported import HOSTILE, unguard

TIME = "2026-03-01T08:00:00.000000Z"
VALUES: list[tuple[CellType, Any, Any, Any, str]] = [
    (CellType.TEXT, Text(), "a", "a", '"a"'),
    (CellType.TEXT, Text(), "", "", '""'),
    (CellType.WORD, Text(), "roaming", "roaming", '"roaming"'),
    (CellType.ID, Text(), "a-b", "a-b", '"a-b"'),
    (CellType.ID, Text(), "-a-b", "-a-b", '"\'-a-b"'),
    (CellType.PLAIN, Text(), "+99999991000", "+99999991000", "+99999991000"),
    (CellType.PLAIN, Uuid(), NAMESPACE, str(NAMESPACE), str(NAMESPACE)),
    (CellType.NUMBER, Integer(), -208, -208, "-208"),
    (CellType.BOOLEAN, Boolean(), True, True, "true"),
    (CellType.BOOLEAN, Boolean(), False, False, "false"),
    (CellType.TIME, DateTime(timezone=True), MORNING, TIME, TIME),
    (CellType.LIST, ARRAY(Text), ["a", '"'], ["a", '"'], r'"[""a"",""\""""]"'),
    (CellType.LIST, ARRAY(Text), [], [], '"[]"'),
    (CellType.JSON, JSON(none_as_null=True), [1], "[1]", '"[1]"'),
]


async def written(engine: AsyncEngine, line: Any) -> str:
    async with engine.connect() as connection:
        return str((await connection.execute(select(line))).scalar_one())


@pytest.mark.parametrize(("type_", "sql_type", "value", "in_json", "in_csv"), VALUES)
async def test_each_type_has_its_form(
    engine: AsyncEngine, type_: CellType, sql_type: Any, value: Any, in_json: Any, in_csv: str
) -> None:
    cells = [Cell("first", CellType.NUMBER, bindparam("one", 1, Integer()))]
    cells.append(Cell("told", type_, bindparam("value", value, sql_type)))
    cells.append(Cell("unknown", type_, bindparam("nothing", None, sql_type)))
    assert json.loads(await written(engine, json_line(cells))) == {"first": 1, "told": in_json}
    assert await written(engine, csv_line(cells)) == f"1,{in_csv},"


async def test_a_guarded_text_comes_back_by_taking_one_apostrophe_off(engine: AsyncEngine) -> None:
    for text in HOSTILE:
        cell = Cell("text", CellType.TEXT, bindparam("text", text, Text()))
        line = await written(engine, csv_line([cell]))
        [[read]] = csv.reader(io.StringIO(line, newline=""))
        assert unguard(read) == text
        assert read == text or read[0] == GUARD


async def test_members_are_renamed_and_an_object_may_be_empty(engine: AsyncEngine) -> None:
    cells = [Cell("a_name", CellType.NUMBER, bindparam("one", 1, Integer()))]
    assert await written(engine, json_line(cells, str.upper)) == '{"A_NAME":1}'
    assert await written(engine, join(json_object([[null()]]))) == "{}"


def test_a_line_is_written_once_with_its_constants() -> None:
    table = sql_table("somewhere", column("number"))
    line = csv_line([Cell("number", CellType.NUMBER, table.c.number)] * 2)
    text = str(write_once(line, table))
    assert text == "concat(somewhere.number, ',', somewhere.number)"
