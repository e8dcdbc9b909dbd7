"""What a format puts around its lines."""

from collections.abc import Sequence
from typing import Protocol

from receiver.errors import ConfigurationError
from receiver.lazy import PARQUET, load
from receiver.store.events.paging.exporting import Lines
from receiver.store.exports.cells import Cell
from receiver.store.exports.formats import Format

MEDIA_TYPES = {
    Format.NDJSON: "application/x-ndjson",
    Format.CSV: "text/csv",
    Format.PARQUET: "application/vnd.apache.parquet",
}


class Encoder(Protocol):
    """Makes bytes of the lines of one export."""

    def begin(self) -> bytes:
        """Returns what comes before all lines."""

    async def write(self, lines: Lines) -> bytes:
        """Returns bytes of lines; a format may hold back a bounded number of them."""

    async def end(self) -> bytes:
        """Returns the rest."""


class LinesEncoder:
    """Each line with a line feed, as NDJSON and CSV have it.

    Args:
        header: the first line; None: there is none.
    """

    def __init__(self, header: str | None = None) -> None:
        self._header = header

    def begin(self) -> bytes:
        return b"" if self._header is None else f"{self._header}\n".encode()

    async def write(self, lines: Lines) -> bytes:
        return lines.text + b"\n" if lines.count else b""

    async def end(self) -> bytes:
        return b""


def make_encoder(format_: Format, cells: Sequence[Cell]) -> Encoder:
    """Makes the encoder of one export.

    Args:
        cells: the columns of CSV and Parquet.

    Raises:
        ConfigurationError: pyarrow is not installed.
    """
    match format_:
        case Format.NDJSON:
            return LinesEncoder()
        case Format.CSV:
            return LinesEncoder(",".join(cell.name for cell in cells))
        case Format.PARQUET:
            try:
                encoder: Encoder = load(PARQUET)(cells)
            except ModuleNotFoundError:
                raise ConfigurationError(
                    "Parquet needs pyarrow: install the extra `parquet`"
                ) from None
            return encoder
