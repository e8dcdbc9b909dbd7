"""All that the service does goes through PgBouncer in transaction mode, as `deploy/` has it."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.between import skip_behind_pooler, with_psql
from tests.support.pooler import shipped_pooler
from tests.support.service import PHONE_NUMBER, Installation, notification, open_folder

pytestmark = skip_behind_pooler("it has a pooler of its own")

# What a session of the server has that its next client would meet.
LEFT = """
SELECT name || '=' || setting FROM pg_settings WHERE source = 'session' AND name <> ALL(%s)
UNION ALL SELECT name FROM pg_prepared_statements
UNION ALL SELECT name FROM pg_cursors WHERE name <> ''
UNION ALL SELECT relname FROM pg_class WHERE relpersistence = 't' AND pg_table_is_visible(oid)
"""
# The pooler keeps these for each of its clients.
KEPT = [
    "application_name",
    "client_encoding",
    "DateStyle",
    "TimeZone",
    "standard_conforming_strings",
]
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"


@pytest.fixture
def pooled(empty_conninfo: str) -> Iterator[str]:
    with shipped_pooler(empty_conninfo) as url:
        yield url


@pytest.fixture
def installation(pooled: str) -> Iterator[Installation]:
    """An installation that knows no other way to its database."""
    with open_folder() as folder:
        yield Installation(folder, settings=with_psql(pooled))


def run(installation: Installation, *words: str) -> str:
    ended = installation.run_here(*words)
    assert ended.returncode == 0, (words, ended.stdout, ended.stderr)
    return ended.stdout


def test_every_command_and_the_service_do_all_with_this_one_way(
    installation: Installation, pooled: str, empty_conninfo: str
) -> None:
    run(installation, "migrate")
    roles = ("sink", "reader", "admin")
    sink, reader, admin = (installation.create(f"a-{role}", role) for role in roles)
    with installation.serve("--workers", "2") as service, service.ask_as(admin) as client:
        for number in range(30):
            assert service.post(notification(f"event-{number % 20}"), sink) == 204
        assert service.post({"specversion": "1.0"}, sink) == 400
        assert len(service.history(reader)) == 20
        assert len(client.list_refused_notifications().items) == 1
        assert client.retrieve_status(phone_number=PHONE_NUMBER).roaming.value
        assert len(list(client.iterate_exported_events())) >= 20
        doctor = run(installation, "doctor", "--url", service.address)
        assert "a pooler in transaction mode stands between" in doctor
        count = ("psql", "-X", "-At", "-c", "SELECT count(*) FROM reporting.event")
        assert installation.run(*count).stdout == "20\n"
        line = json.dumps({"body": json.dumps(notification("imported"))})
        raw = Path(installation.folder) / "raw.ndjson"
        raw.write_text(f"{line}\n")
        run(installation, "import", str(raw), "--credential", "a-sink")
        assert len(service.history(reader)) == 21
        run(installation, "maintain")
        run(installation, "rebuild")
        with psycopg.connect(pooled, prepare_threshold=None) as other:
            assert other.execute(LEFT, [KEPT]).fetchall() == []
        client.forget_device_by_identifier(phone_number=PHONE_NUMBER)
    with psycopg.connect(empty_conninfo) as direct:
        assert direct.execute(LOCKS).fetchone() == (0,)
