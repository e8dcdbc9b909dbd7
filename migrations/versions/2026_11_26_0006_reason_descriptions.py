"""Descriptions of reasons; the view of events shows them and every reason.

The new columns are null for what is stored already.
"""

from alembic import op

from receiver.store.schema.commands import grant_reports

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Each command is sent by itself, because several in one text fail on a distributed table.
COLUMNS = (
    """
    ALTER TABLE event
        ADD COLUMN termination_description TEXT,
        ADD COLUMN initiation_description TEXT,
        ADD COLUMN update_description TEXT
    """,
    "COMMENT ON COLUMN event.termination_description IS 'Why it ended, in the sender''s words'",
    "COMMENT ON COLUMN event.initiation_description IS 'Why it started, in the sender''s words'",
    "COMMENT ON COLUMN event.update_description IS 'How it changed, in the sender''s words'",
)

# The count of deliveries is a sub-select: Postgres may begin a join at either table, and so read
# all identities for one event. Columns are added at the end, so that grants and comments stay.
VIEW = """
CREATE OR REPLACE VIEW reporting.event AS
SELECT
    rtrim(translate(encode(
        uuid_send(event.device_id)
            || int8send((extract(epoch FROM event.stored_at) * 1000000)::bigint)
            || int8send(event.seq),
        'base64'), '+/', '-_'), '=') AS event_id,
    event.device_id,
    event.phone_number,
    event.network_access_identifier,
    event.kind,
    event.name,
    event.type,
    event.form,
    event.source,
    event.event_id AS sender_event_id,
    event.subscription_id,
    event.credential,
    event.occurred_at,
    event.received_at,
    coalesce((
        SELECT event_identity.deliveries
        FROM event_identity
        WHERE event_identity.device_id = event.device_id AND event_identity.digest = event.digest
    ), 1) AS deliveries,
    event.connectivity,
    event.roaming,
    event.country_code,
    event.country_name,
    event.connected_network_type,
    event.termination_reason,
    event.findings,
    event.payload::jsonb AS payload,
    event.initiation_reason,
    event.update_reason,
    event.termination_description,
    event.initiation_description,
    event.update_description
FROM event
"""

VIEW_COMMENTS = (
    "COMMENT ON COLUMN reporting.event.initiation_reason IS 'Why the subscription started'",
    "COMMENT ON COLUMN reporting.event.update_reason IS 'How the subscription changed'",
    "COMMENT ON COLUMN reporting.event.termination_description IS 'Why it ended, in the sender''s words'",
    "COMMENT ON COLUMN reporting.event.initiation_description IS 'Why it started, in the sender''s words'",
    "COMMENT ON COLUMN reporting.event.update_description IS 'How it changed, in the sender''s words'",
)

DROP_VIEW = "DROP VIEW reporting.event"

VIEW_BEFORE = """
CREATE VIEW reporting.event AS
SELECT
    rtrim(translate(encode(
        uuid_send(event.device_id)
            || int8send((extract(epoch FROM event.stored_at) * 1000000)::bigint)
            || int8send(event.seq),
        'base64'), '+/', '-_'), '=') AS event_id,
    event.device_id,
    event.phone_number,
    event.network_access_identifier,
    event.kind,
    event.name,
    event.type,
    event.form,
    event.source,
    event.event_id AS sender_event_id,
    event.subscription_id,
    event.credential,
    event.occurred_at,
    event.received_at,
    event_identity.deliveries,
    event.connectivity,
    event.roaming,
    event.country_code,
    event.country_name,
    event.connected_network_type,
    event.termination_reason,
    event.findings,
    event.payload::jsonb AS payload
FROM event
JOIN event_identity USING (device_id, digest)
"""

VIEW_COMMENTS_BEFORE = (
    "COMMENT ON VIEW reporting.event IS 'Every event once, with how often it was delivered'",
    "COMMENT ON COLUMN reporting.event.event_id IS 'The id the REST interface gives the event'",
    "COMMENT ON COLUMN reporting.event.device_id IS 'The id of the device; the same for every event of one phone number'",
    "COMMENT ON COLUMN reporting.event.phone_number IS 'As +digits; null where the event did not carry one'",
    "COMMENT ON COLUMN reporting.event.network_access_identifier IS 'As user@realm; null where the event did not carry one'",
    "COMMENT ON COLUMN reporting.event.kind IS 'connectivity, roaming, network-type, subscription or unrecognised'",
    "COMMENT ON COLUMN reporting.event.name IS 'Event name: the last segment of the type'",
    "COMMENT ON COLUMN reporting.event.type IS 'CloudEvents type or legacy eventType, as sent'",
    "COMMENT ON COLUMN reporting.event.form IS 'cloudevents or legacy'",
    "COMMENT ON COLUMN reporting.event.source IS 'CloudEvents source, as sent'",
    "COMMENT ON COLUMN reporting.event.sender_event_id IS 'The sender''s own id of the event'",
    "COMMENT ON COLUMN reporting.event.subscription_id IS 'The subscription that caused the notification'",
    "COMMENT ON COLUMN reporting.event.credential IS 'Name of the credential that sent it'",
    "COMMENT ON COLUMN reporting.event.occurred_at IS 'The sender''s time of the event'",
    "COMMENT ON COLUMN reporting.event.received_at IS 'Our clock when the event first arrived'",
    "COMMENT ON COLUMN reporting.event.deliveries IS 'How often the sender delivered the event'",
    "COMMENT ON COLUMN reporting.event.connectivity IS 'CONNECTED_DATA, CONNECTED_SMS, NOT_CONNECTED, or CONNECTED where it does not say'",
    "COMMENT ON COLUMN reporting.event.roaming IS 'Whether the device roams'",
    "COMMENT ON COLUMN reporting.event.country_code IS 'As sent: an MCC, from some senders a calling code'",
    "COMMENT ON COLUMN reporting.event.country_name IS 'As sent: ISO 3166 alpha-2, or names'",
    "COMMENT ON COLUMN reporting.event.connected_network_type IS '2G, 3G, 4G, 5G or UNKNOWN'",
    "COMMENT ON COLUMN reporting.event.termination_reason IS 'Why the subscription ended'",
    "COMMENT ON COLUMN reporting.event.findings IS 'What the sender got wrong, by name'",
    "COMMENT ON COLUMN reporting.event.payload IS 'The notification as jsonb'",
)

REPORTING_GRANT = "GRANT SELECT ON reporting.event TO receiver_reporting"

DROP_COLUMNS = """
ALTER TABLE event
    DROP COLUMN termination_description,
    DROP COLUMN initiation_description,
    DROP COLUMN update_description
"""


def upgrade() -> None:
    for command in (*COLUMNS, VIEW, *VIEW_COMMENTS):
        op.execute(command)


def downgrade() -> None:
    # A view loses no column: the old one is made anew, and granted as before.
    for command in (DROP_VIEW, VIEW_BEFORE, *VIEW_COMMENTS_BEFORE, DROP_COLUMNS):
        op.execute(command)
    grant_reports(op.get_bind(), REPORTING_GRANT)
