"""The store speaks to Postgres in two ways: text of psycopg, and SQLAlchemy Core."""

import ast
from pathlib import Path

import receiver

STORE = Path(receiver.__file__).parent / "store"
DECLARATIONS = {"tables.py", "installation.py"}


def imported_from_sqlalchemy(path: Path) -> set[str]:
    return {
        name.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy"
        for name in node.names
    }


def test_commands_are_not_written_in_sqlalchemy() -> None:
    """Text of SQLAlchemy is left to declarations of tables, and Core to questions."""
    commands = {"insert", "update", "delete"}
    mixed = {
        str(path.relative_to(STORE)): found
        for path in STORE.rglob("*.py")
        if (found := imported_from_sqlalchemy(path) & {"text", *commands})
        and not (path.name in DECLARATIONS and not found & commands)
    }
    assert mixed == {}
