"""The columns of an export, and the SQL of its lines: a JSON object or a row of CSV each.

    type      in JSON                 in CSV
    --------  ----------------------  --------------------------------------------------
    text      a string                quoted, and guarded from spreadsheets
    plain     a string                as it is: an id or a number that never is a formula
    number    a number                as it is
    boolean   true, false             true, false
    time      RFC 3339, microseconds  the same
    list      an array                the same array as JSON, quoted
    json      a string that holds it  the same text, quoted

What is not known is left out of JSON, and an empty cell without quotes in CSV.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Text,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql.base import PGDialect

# Code points that make a spreadsheet take a text for a formula, or read past them: = + - @, tab,
# carriage return and line feed (OWASP, CSV Injection), and the wide forms of the first four. The
# apostrophe is the guard itself, so that taking one off gives every text back.
GUARDED = tuple(map(ord, "=+-@\t\r\n'＝＋－＠"))  # noqa: RUF001 # the wide ones are meant
GUARD = "'"

Text_ = ColumnElement[str]


class CellType(StrEnum):
    """How a value is written."""

    TEXT = "text"
    PLAIN = "plain"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    LIST = "list"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of an export.

    Attributes:
        name: as in psql.
        type: how it is written.
        value: the SQL of it.
    """

    name: str
    type: CellType
    value: ColumnElement[Any]


def join(pieces: Iterable[ColumnElement[Any]]) -> Text_:
    """Returns the SQL of the pieces one after the other, without those that are null."""
    return func.concat(*pieces)


def constant(text: str) -> Text_:
    """Returns a text as SQL: parameters by the hundred would cost more than they say."""
    return literal_column("'" + text.replace("'", "''") + "'", Text)


def json_member(name: str, type_: CellType, value: ColumnElement[Any]) -> Text_:
    """Returns the SQL of a member with a comma before it; null where the value is not known."""
    return constant(f',"{name}":').concat(_JSON[type_](value))


def json_line(cells: Iterable[Cell], rename: Callable[[str], str] = str) -> Text_:
    """Returns the SQL of an object with a member for each cell; the first one is always known."""
    members = join(json_member(rename(cell.name), cell.type, cell.value) for cell in cells)
    return json_object(members)


def json_object(members: Text_) -> Text_:
    """Returns the SQL of an object of members, each with a comma before it."""
    return join([constant("{"), func.substr(members, literal_column("2")), constant("}")])


def write_once(line: Text_, table: FromClause) -> Text_:
    """Returns the same SQL as one text: a page would else go through a hundred parts each time.

    Args:
        table: the line is made of its columns.
    """
    dialect = PGDialect()  # type: ignore[no-untyped-call] # the library's gap
    # Within a select, for a sub-select knows the table only there.
    statement = select(line.label("line")).select_from(table)
    compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    sql, separator, _table = str(compiled).removeprefix("SELECT ").rpartition(" AS line \nFROM ")
    if not separator:
        raise ValueError("the line is written in another way")
    return literal_column(sql, Text)


def csv_line(cells: Iterable[Cell]) -> Text_:
    """Returns the SQL of a row of CSV."""
    texts = [func.coalesce(_CSV[cell.type](cell.value), constant("")) for cell in cells]
    return func.concat_ws(constant(","), *texts)


def _as_text(value: ColumnElement[Any]) -> Text_:
    return cast(value, Text)


def _as_json(value: ColumnElement[Any]) -> Text_:
    return cast(func.to_json(value), Text)


def _as_time(value: ColumnElement[Any]) -> Text_:
    return func.to_char(
        func.timezone(constant("UTC"), value), constant('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )


def flat_json(value: ColumnElement[Any]) -> Text_:
    """Returns the SQL of a JSON text on one line: JSON has line breaks between its tokens only."""
    line_feed, carriage_return = literal_column(r"E'\n'", Text), literal_column(r"E'\r'", Text)
    space = constant(" ")
    return func.replace(func.replace(cast(value, Text), line_feed, space), carriage_return, space)


def _within_quotes(value: Text_) -> Text_:
    return constant('"').concat(value).concat(constant('"'))


def _quoted(value: Text_) -> Text_:
    return _within_quotes(func.replace(value, constant('"'), constant('""')))


def _guarded(value: Text_) -> Text_:
    """Returns the SQL of a quoted text that no spreadsheet takes for a formula."""
    codes = [literal_column(str(code), Integer) for code in GUARDED]
    opening = case((func.ascii(value).in_(codes), constant(f'"{GUARD}')), else_=constant('"'))
    return opening.concat(func.replace(value, constant('"'), constant('""'))).concat(constant('"'))


# What may stand before a JSON text; a tab would make a formula of it.
_BLANKS = literal_column(r"E' \t'", Text)

_JSON: dict[CellType, Callable[[ColumnElement[Any]], Text_]] = {
    CellType.TEXT: _as_json,
    CellType.PLAIN: lambda value: _within_quotes(_as_text(value)),
    CellType.NUMBER: _as_text,
    CellType.BOOLEAN: _as_text,
    CellType.TIME: lambda value: _within_quotes(_as_time(value)),
    CellType.LIST: _as_json,
    CellType.JSON: lambda value: _as_json(flat_json(value)),
}
_CSV: dict[CellType, Callable[[ColumnElement[Any]], Text_]] = {
    CellType.TEXT: _guarded,
    CellType.PLAIN: _as_text,
    CellType.NUMBER: _as_text,
    CellType.BOOLEAN: _as_text,
    CellType.TIME: _as_time,
    CellType.LIST: lambda value: _quoted(_as_json(value)),
    CellType.JSON: lambda value: _quoted(func.ltrim(flat_json(value), _BLANKS)),
}
