"""The columns of exported events are those of psql."""

from receiver.events.event import Form, Kind
from receiver.store.exports.cells import CellType
from receiver.store.exports.event_columns import COLUMNS
from tests.support.store.database import rows

OF_THE_VIEW = """
SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
WHERE attrelid = 'reporting.event'::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
TYPES = {
    CellType.TEXT: {"text"},
    CellType.WORD: {"text"},
    CellType.ID: {"text"},
    CellType.PLAIN: {"uuid", "text"},
    CellType.NUMBER: {"integer"},
    CellType.BOOLEAN: {"boolean"},
    CellType.TIME: {"timestamp with time zone"},
    CellType.LIST: {"text[]"},
    CellType.JSON: {"jsonb"},
}


def test_names_order_and_types_are_those_of_the_view(conninfo: str) -> None:
    view = {row["name"]: row["type"] for row in rows(conninfo, OF_THE_VIEW)}
    assert [cell.name for cell in COLUMNS] == list(view)
    assert all(view[cell.name] in TYPES[cell.type] for cell in COLUMNS)


def test_no_word_of_ours_has_to_be_escaped() -> None:
    words = {cell.name for cell in COLUMNS if cell.type is CellType.WORD}
    assert words == {"kind", "form"}
    assert [word for word in [*Kind, *Form] if not word.replace("-", "").isalpha()] == []


def test_the_number_of_a_phone_is_the_only_text_without_a_guard() -> None:
    plain = [cell.name for cell in COLUMNS if cell.type is CellType.PLAIN]
    assert plain == ["device_id", "phone_number"]
