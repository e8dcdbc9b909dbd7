"""Reports find what they look for: events by when they were stored, devices by what they reported.

A column is added at the end, so that grants and comments stay.
"""

from alembic import op

from receiver.store.schema.commands import execute, grant_reports

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

EVENT = """
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
    event.update_description,
    event.stored_at
FROM event
"""

DEVICE_IDENTIFIER = """
CREATE VIEW reporting.device_identifier AS
SELECT
    device_id,
    kind,
    value
FROM device_identifier
"""

COMMENTS = (
    "COMMENT ON COLUMN reporting.event.stored_at IS 'The database''s clock when it was stored, soon after its arrival; a condition on it leaves whole months unread'",
    "COMMENT ON VIEW reporting.device_identifier IS 'Which phone numbers and network access identifiers each device reported: the index that leads from a number to a device'",
    "COMMENT ON COLUMN reporting.device_identifier.device_id IS 'The device whose events carried it'",
    "COMMENT ON COLUMN reporting.device_identifier.kind IS 'phone-number or network-access-identifier'",
    "COMMENT ON COLUMN reporting.device_identifier.value IS 'As +digits, or as user@realm'",
)

# A view cannot lose a column, so it is made anew with its comments and its grant.
EVENT_BEFORE = """
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

READ_COMMENTS = """
SELECT concat('COMMENT ON COLUMN reporting.event.', attname, ' IS ', quote_literal(description))
FROM pg_attribute JOIN pg_description ON objoid = attrelid AND objsubid = attnum
WHERE attrelid = 'reporting.event'::regclass AND attname <> 'stored_at'
UNION ALL
SELECT concat(
    'COMMENT ON VIEW reporting.event IS ', quote_literal(obj_description('reporting.event'::regclass))
)
"""


def upgrade() -> None:
    for command in (EVENT, DEVICE_IDENTIFIER, *COMMENTS):
        op.execute(command)
    grant_reports(
        op.get_bind(), "GRANT SELECT ON reporting.device_identifier TO receiver_reporting"
    )


def downgrade() -> None:
    connection = op.get_bind()
    comments = connection.exec_driver_sql(READ_COMMENTS).scalars().all()
    op.execute("DROP VIEW reporting.device_identifier")
    op.execute("DROP VIEW reporting.event")
    for command in (EVENT_BEFORE, *comments):
        execute(connection, command)
    grant_reports(op.get_bind(), "GRANT SELECT ON reporting.event TO receiver_reporting")
