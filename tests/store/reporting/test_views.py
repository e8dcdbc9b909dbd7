"""Each living view is the one that the migrations made."""

from pathlib import Path

import psycopg
import pytest

import receiver
from tests.support.store.database import column

VIEWS = Path(receiver.__file__).parent / "store" / "reporting"


@pytest.mark.parametrize("view", sorted(VIEWS.glob("*.sql")), ids=lambda path: path.stem)
def test_the_living_view_is_the_migrated_one(view: Path, conninfo: str) -> None:
    definition = f"SELECT pg_get_viewdef('reporting.{view.stem}'::regclass)"
    migrated = column(conninfo, definition)
    with psycopg.connect(conninfo) as connection:
        connection.execute(f"DROP VIEW reporting.{view.stem}")
        connection.execute(view.read_text())
        [living] = connection.execute(definition).fetchall()
    assert list(living) == migrated


def test_every_migrated_view_has_its_file(conninfo: str) -> None:
    migrated = "SELECT viewname FROM pg_views WHERE schemaname = 'reporting'"
    assert {path.stem for path in VIEWS.glob("*.sql")} == set(column(conninfo, migrated))
