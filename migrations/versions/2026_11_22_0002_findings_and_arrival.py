"""Findings for analysts, and indexes for reading events by arrival and by subscription."""

from alembic import op

from receiver.store.schema.building import build_index
from receiver.store.schema.commands import grant_reports

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ARRIVAL = "(stored_at, seq)"
SUBSCRIPTION = "(subscription_id, stored_at, seq) WHERE subscription_id IS NOT NULL"

REPORTING = """
CREATE VIEW reporting.finding AS
SELECT
    event.credential,
    event.source,
    event.type,
    (event.received_at AT TIME ZONE 'UTC')::date AS day,
    finding.name AS finding,
    count(*) AS events,
    min(event.received_at) AS first_received_at,
    max(event.received_at) AS last_received_at,
    (array_agg(event.event_id ORDER BY event.received_at DESC)
        FILTER (WHERE event.event_id IS NOT NULL))[1] AS last_sender_event_id
FROM event
CROSS JOIN LATERAL unnest(event.findings) AS finding (name)
GROUP BY event.credential, event.source, event.type, day, finding.name;
COMMENT ON VIEW reporting.finding IS 'What senders get wrong, by credential, source, type and day';
COMMENT ON COLUMN reporting.finding.credential IS 'Name of the credential that sent it';
COMMENT ON COLUMN reporting.finding.source IS 'CloudEvents source, as sent';
COMMENT ON COLUMN reporting.finding.type IS 'CloudEvents type or legacy eventType, as sent';
COMMENT ON COLUMN reporting.finding.day IS 'Day of arrival, UTC';
COMMENT ON COLUMN reporting.finding.finding IS 'Name of the finding; docs/findings.md explains it';
COMMENT ON COLUMN reporting.finding.events IS 'Events with that finding';
COMMENT ON COLUMN reporting.finding.first_received_at IS 'When the first of them arrived';
COMMENT ON COLUMN reporting.finding.last_received_at IS 'When the last of them arrived';
COMMENT ON COLUMN reporting.finding.last_sender_event_id IS 'The sender''s id of the latest that had one';
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        build_index(op.get_bind(), "event_arrival", "stored_at_seq", ARRIVAL)
        build_index(
            op.get_bind(),
            "event_subscription_arrival",
            "subscription_id_stored_at_seq",
            SUBSCRIPTION,
        )
    op.execute(REPORTING)
    # Without the role an administrator was told to grant all tables of the schema, these too.
    grant_reports(op.get_bind(), "GRANT SELECT ON reporting.finding TO receiver_reporting")


def downgrade() -> None:
    op.execute("DROP VIEW reporting.finding")
    op.execute("DROP INDEX event_subscription_arrival, event_arrival")
