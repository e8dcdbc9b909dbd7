"""The forms of questions for several servers, chosen on one: they are right there too."""

import psycopg
import pytest

from receiver.store.connections import database
from receiver.store.connections.sessions import INTRODUCE
from receiver.store.distribution.reports import adapt_reports

# A look at a catalogue of the extension.
LOOK = "to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL"

FORMS = pytest.mark.parametrize("apart", ["usual", "apart"], indirect=True)


def choose_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has each connection that is opened from now on take the forms for several servers."""
    assert LOOK in INTRODUCE
    monkeypatch.setattr(database, "INTRODUCE", INTRODUCE.replace(LOOK, "true"))


@pytest.fixture
def apart(conninfo: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which form a test is about."""
    if request.param == "apart":
        with psycopg.connect(conninfo, autocommit=True) as connection:
            adapt_reports(connection)
        choose_apart(monkeypatch)
