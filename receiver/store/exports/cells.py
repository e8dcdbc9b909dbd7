"""The columns of an export, and the SQL of its lines: a JSON object or a row of CSV each.

    type      in JSON                 in CSV
    --------  ----------------------  --------------------------------------------------
    text      a string                quoted, and guarded from spreadsheets
    word      a string                quoted: one of ours, which no format has to escape
    id        a string                quoted, and guarded: letters, digits, - and _
    plain     a string                as it is: an id or a number that never is a formula
    number    a number                as it is
    boolean   true, false             true, false
    time      RFC 3339, microseconds  the same
    list      an array                the same array as JSON, quoted
    json      a string that holds it  the same text, quoted

What is not known is left out of JSON, and an empty cell without quotes in CSV.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
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
# A constant, or the SQL of any value; Postgres writes both as text.
Piece = str | ColumnElement[Any]
# A member of a JSON object, with a comma before it.
Member = Sequence[Piece]


class CellType(StrEnum):
    """How a value is written."""

    TEXT = "text"
    WORD = "word"
    ID = "id"
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
        is_known: whether it never is null.
    """

    name: str
    type: CellType
    value: ColumnElement[Any]
    is_known: bool = False


def join(pieces: Iterable[Piece]) -> Text_:
    """Returns the SQL of the pieces one after the other, without those that are null."""
    return func.concat(*_merge(pieces))


def join_known(pieces: Iterable[Piece]) -> Text_:
    """Returns the same; null if any of them is."""
    first, *rest = _merge(pieces)
    return reduce(lambda text, piece: text.concat(_as_text(piece)), rest, first)


def _merge(pieces: Iterable[Piece]) -> list[ColumnElement[Any]]:
    """Returns pieces as SQL; constants that meet are one, as each of them is work for every row."""
    merged: list[ColumnElement[Any]] = []
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        merged += [constant(text), piece] if text else [piece]
        text = ""
    return [*merged, constant(text)] if text else merged


def constant(text: str) -> Text_:
    """Returns a text as SQL: parameters by the hundred would cost more than they say."""
    return literal_column("'" + text.replace("'", "''") + "'", Text)


def json_member(
    name: str, type_: CellType, value: ColumnElement[Any], *, is_known: bool = False
) -> Member:
    """Returns the pieces of a member, a comma before it; null where the value is not known.

    Args:
        is_known: the value never is null. Its pieces need not become one text first.
    """
    pieces = [f',"{name}":', *_JSON[type_](value)]
    return pieces if is_known else [join_known(pieces)]


def json_line(cells: Sequence[Cell], rename: Callable[[str], str] = str) -> Text_:
    """Returns the SQL of an object with a member for each cell; the first one is always known."""
    return join(
        json_object(
            json_member(
                rename(cell.name), cell.type, cell.value, is_known=cell.is_known or not place
            )
            for place, cell in enumerate(cells)
        )
    )


def json_object(members: Iterable[Member]) -> list[Piece]:
    """Returns the pieces of an object."""
    pieces = [piece for member in members for piece in member]
    first, *rest = pieces
    if isinstance(first, str):
        return ["{" + first.removeprefix(","), *rest, "}"]
    return ["{", func.substr(join(pieces), literal_column("2")), "}"]


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
    pieces: list[Piece] = []
    for cell in cells:
        written = _CSV[cell.type](cell.value)
        pieces += [",", *(written if cell.is_known else [join_known(written)])]
    return join(pieces[1:])


def _as_text(value: ColumnElement[Any]) -> Text_:
    return cast(value, Text)


def _as_time(value: ColumnElement[Any]) -> Text_:
    return func.to_char(
        func.timezone(constant("UTC"), value), constant('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )


def flat_json(value: ColumnElement[Any]) -> Text_:
    """Returns the SQL of a JSON text on one line: JSON has line breaks between its tokens only."""
    line_feed, carriage_return = literal_column(r"E'\n'", Text), literal_column(r"E'\r'", Text)
    space = constant(" ")
    return func.replace(func.replace(cast(value, Text), line_feed, space), carriage_return, space)


def _quoted(value: Text_) -> list[Piece]:
    return ['"', func.replace(value, constant('"'), constant('""')), '"']


def _guarded(value: Text_) -> list[Piece]:
    """Returns the pieces of a quoted text that no spreadsheet takes for a formula."""
    codes = [literal_column(str(code), Integer) for code in GUARDED]
    opening = case((func.ascii(value).in_(codes), constant(f'"{GUARD}')), else_=constant('"'))
    return [opening, *_quoted(value)[1:]]


def _trimmed(value: ColumnElement[Any]) -> Text_:
    """Returns the SQL of a JSON text without blanks before it: a tab would make a formula of it.

    Few texts begin with one, and ltrim looks at each character of the others as well.
    """
    blanks = [literal_column(str(ord(blank)), Integer) for blank in " \t\n\r"]
    begins_blank = func.ascii(_as_text(value)).in_(blanks)
    trimmed = func.ltrim(flat_json(value), literal_column(r"E' \t'", Text))
    return case((begins_blank, trimmed), else_=flat_json(value))


_JSON: dict[CellType, Callable[[ColumnElement[Any]], list[Piece]]] = {
    CellType.TEXT: lambda value: [func.to_json(value)],
    CellType.WORD: lambda value: ['"', value, '"'],
    CellType.ID: lambda value: ['"', value, '"'],
    CellType.PLAIN: lambda value: ['"', value, '"'],
    CellType.NUMBER: lambda value: [value],
    CellType.BOOLEAN: lambda value: [_as_text(value)],
    CellType.TIME: lambda value: ['"', _as_time(value), '"'],
    CellType.LIST: lambda value: [func.to_json(value)],
    CellType.JSON: lambda value: [func.to_json(flat_json(value))],
}
_CSV: dict[CellType, Callable[[ColumnElement[Any]], list[Piece]]] = {
    CellType.TEXT: _guarded,
    CellType.WORD: lambda value: ['"', value, '"'],
    # Not by `_guarded`, which has its value twice: an id is made of three columns.
    CellType.ID: lambda value: [
        func.replace(constant('"').concat(value), constant('"-'), constant(f'"{GUARD}-')),
        '"',
    ],
    CellType.PLAIN: lambda value: [value],
    CellType.NUMBER: lambda value: [value],
    CellType.BOOLEAN: lambda value: [_as_text(value)],
    CellType.TIME: lambda value: [_as_time(value)],
    CellType.LIST: lambda value: _quoted(_as_text(func.to_json(value))),
    CellType.JSON: lambda value: _quoted(_trimmed(value)),
}
