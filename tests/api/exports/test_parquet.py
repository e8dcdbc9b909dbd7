"""Parquet is written in row groups, of which one at a time is in memory."""

import io
import json

import pytest
from pyarrow import parquet
from sqlalchemy import null

from receiver.api.exports import parquet as ours
from receiver.api.exports.parquet import ParquetEncoder
from receiver.store.events.paging.exporting import Lines
from receiver.store.exports.cells import Cell, CellType

CELLS = [Cell("text", CellType.TEXT, null()), Cell("at", CellType.TIME, null())]


def line(number: int) -> str:
    return json.dumps({"text": f"number {number}"})


def lines(first: int, count: int) -> Lines:
    return Lines("\n".join(line(first + place) for place in range(count)).encode(), count)


async def encode(counts: list[int]) -> tuple[bytes, list[int]]:
    """Returns a file of pages of so many lines, and how many bytes came with each page."""
    encoder = ParquetEncoder(CELLS)
    pieces = [encoder.begin()]
    number = 0
    for count in counts:
        pieces.append(await encoder.write(lines(number, count)))
        number += count
    pieces.append(await encoder.end())
    return b"".join(pieces), [len(piece) for piece in pieces[1:-1]]


async def test_a_row_group_is_written_once_it_has_its_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ours, "GROUP_LINES", 10)
    body, sizes = await encode([4, 6, 9, 3, 2])
    assert [size > 0 for size in sizes] == [False, True, False, True, False]
    file = parquet.ParquetFile(io.BytesIO(body))
    groups = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    assert groups == [10, 12, 2]
    assert file.read()["text"].to_pylist() == [f"number {number}" for number in range(24)]


async def test_a_row_group_of_long_lines_is_written_early(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ours, "GROUP_BYTES", 30)
    _, sizes = await encode([1, 1, 1])
    assert [size > 0 for size in sizes] == [False, True, False]


async def test_an_export_of_nothing_is_a_file_with_columns() -> None:
    body, _ = await encode([])
    table = parquet.read_table(io.BytesIO(body))
    assert (table.num_rows, table.column_names) == (0, ["text", "at"])
    assert str(table.schema.field("at").type) == "timestamp[us, tz=UTC]"
