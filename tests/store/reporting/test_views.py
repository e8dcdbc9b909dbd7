"""Each living view is the one that the migrations made."""

from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command

import receiver
from receiver.store.connections.engine import migration_engine
from receiver.store.events.ingest import Ingest
from receiver.store.schema.migrating import migrate
from receiver.store.schema.revisions import known_revisions
from tests.support.arrivals import MORNING, arrival
from tests.support.store.database import alembic_configuration, column, plan, rows

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


SENDERS = """
SELECT pg_get_viewdef('reporting.sender'::regclass)
UNION ALL SELECT has_table_privilege('receiver_reporting', 'reporting.sender', 'SELECT')::text
UNION ALL SELECT obj_description('reporting.sender'::regclass)
UNION ALL (SELECT to_jsonb(sender)::text FROM reporting.sender)
"""


async def test_the_view_of_senders_comes_and_goes_around_stored_events(
    conninfo: str, ingest: Ingest
) -> None:
    await ingest.commit([arrival(1), arrival(1), arrival(2)])
    found = column(conninfo, SENDERS)
    revisions = known_revisions()
    with migration_engine(conninfo).connect() as connection:
        before = revisions[revisions.index("0011") - 1]
        command.downgrade(alembic_configuration(connection), before)
    assert column(conninfo, "SELECT to_regclass('reporting.sender')") == ["None"]
    assert column(conninfo, "SELECT count(*) FROM reporting.event") == ["2"]
    migrate(conninfo)
    assert column(conninfo, SENDERS) == found
    assert len(found) == 4


EVENT_VIEW = """
SELECT pg_get_viewdef('reporting.event'::regclass)
UNION ALL SELECT has_table_privilege('receiver_reporting', 'reporting.event', 'SELECT')::text
UNION ALL SELECT obj_description('reporting.event'::regclass)
UNION ALL (
    SELECT concat(attname, ': ', col_description(attrelid, attnum)) FROM pg_attribute
    WHERE attrelid = 'reporting.event'::regclass ORDER BY attnum
)
UNION ALL (SELECT to_jsonb(told)::text FROM reporting.event AS told)
"""


async def test_the_time_of_storing_comes_and_goes_around_stored_events(
    conninfo: str, ingest: Ingest
) -> None:
    await ingest.commit([arrival(1)])
    found = column(conninfo, EVENT_VIEW)
    with migration_engine(conninfo).connect() as connection:
        command.downgrade(alembic_configuration(connection), "0016")
    before = column(conninfo, EVENT_VIEW)
    assert [line for line in before[1:-1] if line not in found] == []
    [added] = [line for line in found[1:-1] if line not in before]
    assert added.startswith("stored_at: The database's clock when it was stored")
    assert column(conninfo, "SELECT to_regclass('reporting.device_identifier')") == ["None"]
    migrate(conninfo)
    assert column(conninfo, EVENT_VIEW) == found


OF_A_FEW_DAYS = [
    "SELECT * FROM reporting.event WHERE received_at >= now() - interval '1 hour'",
    "SELECT * FROM reporting.finding WHERE day = '2026-03-01'",
    "SELECT * FROM reporting.sender WHERE day >= '2026-03-01' AND credential = 'operator'",
]


@pytest.mark.parametrize("question", OF_A_FEW_DAYS)
async def test_a_report_of_a_few_days_can_leave_the_others_out(
    conninfo: str, ingest: Ingest, question: str
) -> None:
    await ingest.commit([arrival(number) for number in range(500)])
    with psycopg.connect(conninfo) as connection:
        # A few rows are read faster as a whole.
        connection.execute("SET LOCAL enable_seqscan = off")
        planned = connection.execute(f"EXPLAIN {question}".encode()).fetchall()
    assert "received" in next(row[0] for row in planned if "Bitmap Index Scan" in row[0])


def test_every_migrated_view_has_its_file(conninfo: str) -> None:
    migrated = "SELECT viewname FROM pg_views WHERE schemaname = 'reporting'"
    assert {path.stem for path in VIEWS.glob("*.sql")} == set(column(conninfo, migrated))


async def test_a_sender_has_a_row_for_each_source_and_day_of_arrival(
    conninfo: str, ingest: Ingest
) -> None:
    # Arrivals are an hour after `MORNING`; the number is also seconds of the clocks.
    ahead = MORNING + timedelta(hours=1, seconds=30)
    fresh = MORNING + timedelta(hours=1)
    await ingest.commit(
        [
            arrival(1),
            arrival(1),
            arrival(1),
            arrival(2, occurred_at=fresh, findings=()),
            arrival(3, occurred_at=ahead, findings=("time-without-zone", "time-in-the-future")),
            arrival(4, source=None)._replace(credential="other"),
            arrival(5)._replace(received_at=MORNING + timedelta(days=1)),
        ]
    )
    found = rows(conninfo, "SELECT * FROM reporting.sender ORDER BY credential, day")
    assert found == [
        {
            "credential": "operator",
            "source": "https://operator.example/subscriptions/s-1",
            "day": date(2026, 3, 1),
            "events": 3,
            "duplicates": 2,
            "lateness_p50_seconds": 2,
            "lateness_p99_seconds": 3600,
            "lateness_max_seconds": 3600,
            "ahead": 1,
            "findings": 3,
        },
        {
            **found[1],
            "day": date(2026, 3, 2),
            "events": 1,
            "lateness_max_seconds": 24 * 3600 - 5,
            "findings": 1,
        },
        {**found[2], "credential": "other", "source": None, "events": 1, "duplicates": 0},
    ]


async def test_a_sender_whose_events_lost_their_identities_sent_each_once(
    conninfo: str, ingest: Ingest
) -> None:
    await ingest.commit([arrival(1), arrival(1)])
    duplicates = "SELECT duplicates FROM reporting.sender"
    assert column(conninfo, duplicates) == ["1"]
    with psycopg.connect(conninfo) as connection:
        connection.execute("DELETE FROM event_identity")
    assert column(conninfo, duplicates) == ["0"]


NOT_ASKED_FOR = [
    "SELECT kind FROM reporting.event LIMIT 10",
    "SELECT count(*) FROM reporting.event WHERE received_at > now() - interval '1 hour'",
    "SELECT credential, day, events, lateness_p99_seconds, findings FROM reporting.sender",
    "SELECT sum(events) FROM reporting.sender WHERE credential = 'operator'",
]


@pytest.mark.parametrize("question", NOT_ASKED_FOR)
def test_a_report_that_does_not_ask_for_deliveries_reads_no_identity(
    conninfo: str, question: str
) -> None:
    assert "event_identity" not in plan(conninfo, question)


@pytest.mark.parametrize(
    "counted", ["deliveries FROM reporting.event", "duplicates FROM reporting.sender"]
)
async def test_a_report_that_asks_for_deliveries_looks_each_up_by_its_key(
    conninfo: str, ingest: Ingest, counted: str
) -> None:
    await ingest.commit([arrival(number) for number in range(500)])
    planned = plan(conninfo, f"SELECT {counted}")
    assert "event_identity_once" in planned
    assert "Seq Scan on event_identity" not in planned


UNDESCRIBED = """
SELECT relname || COALESCE('.' || attname, '')
FROM pg_class LEFT JOIN LATERAL (
    SELECT NULL::name AS attname, 0 AS attnum
    UNION ALL
    SELECT attname, attnum FROM pg_attribute
    WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
) AS part ON true
WHERE relnamespace = 'reporting'::regnamespace AND relkind IN ('v', 'm', 'r', 'p', 'f')
    AND COALESCE(CASE attnum WHEN 0 THEN obj_description(pg_class.oid, 'pg_class')
        ELSE col_description(pg_class.oid, attnum) END, '') = ''
UNION ALL
SELECT oid::regprocedure::text
FROM pg_proc
WHERE pronamespace = 'reporting'::regnamespace
    AND COALESCE(obj_description(oid, 'pg_proc'), '') = ''
ORDER BY 1
"""


def test_every_view_column_and_function_is_described(conninfo: str) -> None:
    assert column(conninfo, UNDESCRIBED) == []
    with psycopg.connect(conninfo) as connection:
        connection.execute("COMMENT ON COLUMN reporting.event.kind IS NULL")
        connection.execute("CREATE VIEW reporting.bare AS SELECT 1 AS one")
        connection.execute("CREATE FUNCTION reporting.f(int) RETURNS int LANGUAGE sql RETURN 1")
    assert column(conninfo, UNDESCRIBED) == [
        "bare",
        "bare.one",
        "event.kind",
        "reporting.f(integer)",
    ]
