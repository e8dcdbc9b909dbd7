"""The formats of an export, and the line of an event in each."""

from enum import StrEnum
from functools import cache

from sqlalchemy import ColumnElement

from receiver.store.events.tables import event
from receiver.store.exports.cells import csv_line, json_line, write_once
from receiver.store.exports.event_columns import COLUMNS, event_line


class Format(StrEnum):
    """How an export is written."""

    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"


@cache
def event_line_of(format_: Format) -> ColumnElement[str]:
    """Returns the SQL of the line of an event; that of Parquet is JSON with its columns."""
    match format_:
        case Format.NDJSON:
            line = event_line()
        case Format.CSV:
            line = csv_line(COLUMNS)
        case Format.PARQUET:
            line = json_line(COLUMNS)
    return write_once(line, event)
