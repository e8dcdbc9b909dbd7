"""The view of senders, and an index by which reports find the events of some days."""

from alembic import op

from receiver.store.schema.building import build_index
from receiver.store.schema.commands import grant_reports

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A summary of each megabyte: it costs an insert nothing that can be measured, and is tiny. The day
# is what the views of findings and senders group by.
RECEIVED = "USING brin (received_at, ((received_at AT TIME ZONE 'UTC')::date))"

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

REPORTING_GRANT = "GRANT SELECT ON reporting.sender TO receiver_reporting"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        build_index(op.get_bind(), "event_received", "received", RECEIVED)
    for command in (VIEW, *COMMENTS):
        op.execute(command)
    grant_reports(op.get_bind(), REPORTING_GRANT)


def downgrade() -> None:
    for command in ("DROP VIEW reporting.sender", "DROP INDEX event_received"):
        op.execute(command)
