"""The insert of events as a function, whose plan a session keeps behind a transaction pooler."""

from alembic import op

from receiver.store.schema.commands import execute

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION store_arrivals_1(arrivals json, lock_timeout_milliseconds text) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM set_config('lock_timeout', lock_timeout_milliseconds, true);
    WITH arrival AS (
    SELECT * FROM json_to_recordset(arrivals) AS row_of (arrival_id uuid, deliveries integer, described json, device_id uuid, digest bytea, kind text, name text, type text, form text, source text, event_id text, subscription_id text, credential text, occurred_at timestamptz, received_at timestamptz, phone_number text, network_access_identifier text, ipv4_public_address inet, ipv4_private_address inet, ipv4_public_port integer, ipv6_address inet, connectivity text, roaming boolean, country_code integer, country_name text[], connected_network_type text, termination_reason text, initiation_reason text, update_reason text, findings text[], payload text) WHERE (
    SELECT CASE current_setting('synchronous_commit')
        WHEN 'off' THEN set_config('synchronous_commit', 'on', true) IS NOT NULL
        ELSE true
    END AND CASE current_setting('client_min_messages')
        WHEN 'error' THEN set_config('client_min_messages', 'warning', true) IS NOT NULL
        ELSE true
    END
)
), identity AS (
    INSERT INTO event_identity (sent_at, device_id, digest, deliveries, last_arrival)
    SELECT CASE WHEN 'time-missing' = ANY (arrival.findings) THEN '-infinity' ELSE arrival.occurred_at END, device_id, digest, deliveries, arrival_id FROM arrival
    ON CONFLICT ON CONSTRAINT event_identity_once DO UPDATE SET
        sent_at = excluded.sent_at,
        deliveries = event_identity.deliveries + CASE
            WHEN event_identity.last_arrival = excluded.last_arrival THEN 0
            ELSE excluded.deliveries
        END,
        last_arrival = excluded.last_arrival
    RETURNING device_id, digest, xmax = 0 AS inserted
)
INSERT INTO event (device_id, stored_at, xact, digest, kind, name, type, form, source, event_id, subscription_id, credential, occurred_at, received_at, phone_number, network_access_identifier, ipv4_public_address, ipv4_private_address, ipv4_public_port, ipv6_address, connectivity, roaming, country_code, country_name, connected_network_type, termination_reason, initiation_reason, update_reason, termination_description, initiation_description, update_description, findings, payload)
SELECT device_id, (SELECT clock_timestamp()), pg_current_xact_id(), digest, kind, name, type, form, source, event_id, subscription_id, credential, occurred_at, received_at, phone_number, network_access_identifier, ipv4_public_address, ipv4_private_address, ipv4_public_port, ipv6_address, connectivity, roaming, country_code, country_name, connected_network_type, termination_reason, initiation_reason, update_reason, described ->> 'termination_description', described ->> 'initiation_description', described ->> 'update_description', findings, payload::json
FROM arrival JOIN identity USING (device_id, digest)
WHERE inserted;
END
$body$
"""

COMMANDS = (
    FUNCTION,
    # Whoever serves is a member of the owner, who alone needs it.
    "REVOKE ALL ON FUNCTION store_arrivals_1(json, text) FROM PUBLIC",
    "COMMENT ON FUNCTION store_arrivals_1(json, text) IS 'Stores arrivals, each of them once'",
)


def upgrade() -> None:
    for command in COMMANDS:
        execute(op.get_bind(), command)


def downgrade() -> None:
    op.execute("DROP FUNCTION store_arrivals_1(json, text)")
