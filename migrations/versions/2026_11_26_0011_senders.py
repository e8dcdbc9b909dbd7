"""The view of senders, and an index by which reports find the events of some days.

The index is built beside the work of the service, a partition at a time. Each step stands by
itself, so that a migration that was cut off goes on where it ended.
"""

from alembic import op
from sqlalchemy import text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A summary of each megabyte: it costs an insert nothing that can be measured, and is tiny. The day
# is what the views of findings and senders group by.
INDEX = """
CREATE INDEX IF NOT EXISTS event_received ON ONLY event
USING brin (received_at, ((received_at AT TIME ZONE 'UTC')::date))
"""
UNATTACHED = """
SELECT child.relname FROM pg_inherits AS partition
JOIN pg_class AS child ON child.oid = partition.inhrelid
WHERE partition.inhparent = 'event'::regclass AND NOT EXISTS (
    SELECT FROM pg_inherits AS attached
    JOIN pg_index ON indexrelid = attached.inhrelid
    WHERE attached.inhparent = 'event_received'::regclass AND indrelid = child.oid
)
ORDER BY child.relname
"""

LIMIT_WAIT = "SET LOCAL lock_timeout = '5s'"

# The count of deliveries is a sub-select, so that only a report that asks for it reads identities.
VIEW = """
CREATE VIEW reporting.sender AS
SELECT
    event.credential,
    event.source,
    (event.received_at AT TIME ZONE 'UTC')::date AS day,
    count(*) AS events,
    sum(coalesce((
        SELECT event_identity.deliveries
        FROM event_identity
        WHERE event_identity.device_id = event.device_id AND event_identity.digest = event.digest
    ), 1) - 1)::bigint AS duplicates,
    extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (
        ORDER BY event.received_at - event.occurred_at
    )) AS lateness_p50_seconds,
    extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (
        ORDER BY event.received_at - event.occurred_at
    )) AS lateness_p99_seconds,
    extract(epoch FROM max(event.received_at - event.occurred_at)) AS lateness_max_seconds,
    count(*) FILTER (WHERE event.occurred_at > event.received_at) AS ahead,
    sum(cardinality(event.findings))::bigint AS findings
FROM event
GROUP BY event.credential, event.source, day
"""

COMMENTS = (
    "COMMENT ON VIEW reporting.sender IS 'What each credential and source sent on each day, and how late'",
    "COMMENT ON COLUMN reporting.sender.credential IS 'Name of the credential that sent the events'",
    "COMMENT ON COLUMN reporting.sender.source IS 'CloudEvents source, as sent; null: the events have none'",
    "COMMENT ON COLUMN reporting.sender.day IS 'Day of arrival, in UTC'",
    "COMMENT ON COLUMN reporting.sender.events IS 'How many events arrived for the first time'",
    "COMMENT ON COLUMN reporting.sender.duplicates IS 'How often these events were delivered again, until now'",
    "COMMENT ON COLUMN reporting.sender.lateness_p50_seconds IS 'Seconds from the sender''s time to ours that half of the events kept within; negative: the sender''s clock is ahead of ours'",
    "COMMENT ON COLUMN reporting.sender.lateness_p99_seconds IS 'Seconds that 99 of 100 events kept within'",
    "COMMENT ON COLUMN reporting.sender.lateness_max_seconds IS 'Seconds of the latest event'",
    "COMMENT ON COLUMN reporting.sender.ahead IS 'How many events have a time after their arrival by our clock'",
    "COMMENT ON COLUMN reporting.sender.findings IS 'How many findings these events have'",
)

REPORTING_ROLE_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'receiver_reporting')"
REPORTING_GRANT = "GRANT SELECT ON reporting.sender TO receiver_reporting"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '5s'")
        op.execute(INDEX)
        for (partition,) in op.get_bind().exec_driver_sql(UNATTACHED).all():
            index = f"{partition}_received_idx"
            # What an earlier try left behind is not valid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY {index} ON {partition}"
                " USING brin (received_at, ((received_at AT TIME ZONE 'UTC')::date))"
            )
            op.execute(f"ALTER INDEX event_received ATTACH PARTITION {index}")
        op.execute("RESET lock_timeout")
    for command in (LIMIT_WAIT, VIEW, *COMMENTS):
        op.execute(command)
    if op.get_bind().scalar(text(REPORTING_ROLE_EXISTS)):
        op.execute(REPORTING_GRANT)


def downgrade() -> None:
    for command in (LIMIT_WAIT, "DROP VIEW reporting.sender", "DROP INDEX event_received"):
        op.execute(command)
