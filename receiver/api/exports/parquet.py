"""Parquet, from lines of JSON; the only module that needs the extra `parquet`."""

import asyncio
import io
from collections.abc import Sequence

import pyarrow as pa
from pyarrow import json, parquet

from receiver.store.events.paging.exporting import Lines
from receiver.store.exports.cells import Cell, CellType

# Lines of a row group, or the bytes of them: what is held in memory, about four times, and what a
# reader that looks for few rows reads at least.
GROUP_LINES = 20_000
GROUP_BYTES = 12 * 1024 * 1024

_TYPES = {
    CellType.TEXT: pa.string(),
    CellType.WORD: pa.string(),
    CellType.ID: pa.string(),
    CellType.PLAIN: pa.string(),
    CellType.NUMBER: pa.int64(),
    CellType.BOOLEAN: pa.bool_(),
    CellType.TIME: pa.timestamp("us", tz="UTC"),
    CellType.LIST: pa.list_(pa.string()),
    CellType.JSON: pa.string(),
}


class Outlet(io.RawIOBase):
    """A file that is written once, of which the bytes are taken away as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._bytes = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._bytes

    def write(self, piece: bytes) -> int:  # type: ignore[override] # pyarrow gives bytes
        self._pieces.append(bytes(piece))
        self._bytes += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """Returns what was written since it was last taken."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


class ParquetEncoder:
    """Writes a row group of every so many lines; readers need the end of the file.

    Args:
        cells: the columns.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._schema = pa.schema([(cell.name, _TYPES[cell.type]) for cell in cells])
        self._outlet = Outlet()
        self._writer = parquet.ParquetWriter(self._outlet, self._schema, compression="zstd")
        self._pieces: list[bytes] = []
        self._lines = 0
        self._bytes = 0

    def begin(self) -> bytes:
        return self._outlet.take()

    async def write(self, lines: Lines) -> bytes:
        if not lines.count:
            return b""
        self._pieces.append(lines.text)
        self._lines += lines.count
        self._bytes += len(lines.text)
        if self._lines < GROUP_LINES and self._bytes < GROUP_BYTES:
            return b""
        await asyncio.to_thread(self._write_group)
        return self._outlet.take()

    async def end(self) -> bytes:
        if self._lines:
            await asyncio.to_thread(self._write_group)
        await asyncio.to_thread(self._writer.close)
        return self._outlet.take()

    def _write_group(self) -> None:
        text = b"\n".join(self._pieces)
        self._pieces.clear()
        self._lines = self._bytes = 0
        table = json.read_json(
            io.BytesIO(text),
            # One block, because no line may lie in two.
            read_options=json.ReadOptions(use_threads=False, block_size=len(text) + 1),
            parse_options=json.ParseOptions(
                explicit_schema=self._schema, unexpected_field_behavior="error"
            ),
        )
        self._writer.write_table(table)
