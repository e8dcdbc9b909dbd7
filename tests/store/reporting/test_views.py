"""Each living view is the one that the migrations made."""

from pathlib import Path

import psycopg
import pytest

import receiver
from receiver.store.events.ingest import Ingest
from tests.support.arrivals import arrival
from tests.support.store.database import column, plan

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


async def test_an_event_that_lost_its_identity_is_reported_as_delivered_once(
    conninfo: str, ingest: Ingest
) -> None:
    await ingest.commit([arrival(1), arrival(1)])
    deliveries = "SELECT deliveries FROM reporting.event"
    assert column(conninfo, deliveries) == ["2"]
    with psycopg.connect(conninfo) as connection:
        connection.execute("DELETE FROM event_identity")
    assert column(conninfo, deliveries) == ["1"]


def test_a_report_that_does_not_ask_for_deliveries_reads_no_identity(conninfo: str) -> None:
    assert "event_identity" not in plan(conninfo, "SELECT kind FROM reporting.event LIMIT 10")


def test_every_migrated_view_has_its_file(conninfo: str) -> None:
    migrated = "SELECT viewname FROM pg_views WHERE schemaname = 'reporting'"
    assert {path.stem for path in VIEWS.glob("*.sql")} == set(column(conninfo, migrated))
