"""First light: installation, credentials, events, quarantine and the reporting view."""

import sys

from alembic import op
from sqlalchemy import text

from receiver.store.schema.commands import grant_reports, is_printed

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE SEQUENCE event_seq;
CREATE TABLE installation (
    singleton BOOLEAN DEFAULT true NOT NULL CONSTRAINT installation_singleton CHECK (singleton),
    namespace UUID DEFAULT gen_random_uuid() NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT installation_pkey PRIMARY KEY (singleton)
);
COMMENT ON TABLE installation IS 'This installation: one row';
COMMENT ON COLUMN installation.singleton IS 'Always true: the key that allows one row';
COMMENT ON COLUMN installation.namespace IS 'The secret namespace of every device id; never changes';
COMMENT ON COLUMN installation.made_at IS 'When this installation was made';
CREATE TABLE credential (
    name TEXT NOT NULL,
    role TEXT NOT NULL CONSTRAINT credential_role CHECK (role IN ('sink', 'reader', 'admin')),
    token_digest BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT credential_pkey PRIMARY KEY (name),
    CONSTRAINT credential_token UNIQUE (token_digest)
);
COMMENT ON TABLE credential IS 'Who may call: the digest of a bearer token, and what it allows';
COMMENT ON COLUMN credential.name IS 'What people call it; never used again';
COMMENT ON COLUMN credential.role IS 'sink may post notifications, reader may ask, admin may do both but post';
COMMENT ON COLUMN credential.token_digest IS 'SHA-256 of the token';
COMMENT ON COLUMN credential.created_at IS 'When it was made';
COMMENT ON COLUMN credential.expires_at IS 'From when on it is refused; null: never';
COMMENT ON COLUMN credential.revoked_at IS 'When it was revoked; null: it was not';
CREATE TABLE event_identity (
    device_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    deliveries INTEGER NOT NULL,
    last_arrival UUID NOT NULL,
    CONSTRAINT event_identity_once PRIMARY KEY (device_id, digest)
);
COMMENT ON TABLE event_identity IS 'Which events are known, one small row each; makes a redelivery a redelivery';
COMMENT ON COLUMN event_identity.device_id IS 'The device the event belongs to';
COMMENT ON COLUMN event_identity.digest IS '16 bytes of what the event says';
COMMENT ON COLUMN event_identity.deliveries IS 'How often the sender delivered the event';
COMMENT ON COLUMN event_identity.last_arrival IS 'The latest arrival counted, so that a commit tried again counts once';
CREATE TABLE event (
    device_id UUID NOT NULL,
    stored_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seq BIGINT DEFAULT nextval('event_seq') NOT NULL,
    xact xid8 NOT NULL,
    digest BYTEA NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    form TEXT NOT NULL,
    source TEXT,
    event_id TEXT,
    subscription_id TEXT,
    credential TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    phone_number TEXT,
    network_access_identifier TEXT,
    ipv4_public_address INET,
    ipv4_private_address INET,
    ipv4_public_port INTEGER,
    ipv6_address INET,
    connectivity TEXT,
    roaming BOOLEAN,
    country_code INTEGER,
    country_name TEXT[],
    connected_network_type TEXT,
    termination_reason TEXT,
    initiation_reason TEXT,
    update_reason TEXT,
    findings TEXT[] NOT NULL,
    payload JSON NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (device_id, stored_at, seq)
) PARTITION BY RANGE (stored_at);
CREATE INDEX event_ipv6_history ON event (ipv6_address, occurred_at, stored_at, seq) WHERE ipv6_address IS NOT NULL;
CREATE INDEX event_ipv4_history ON event (ipv4_public_address, occurred_at, stored_at, seq) WHERE ipv4_public_address IS NOT NULL;
CREATE INDEX event_device_history ON event (device_id, occurred_at, stored_at, seq);
CREATE INDEX event_network_access_identifier_history ON event (network_access_identifier, occurred_at, stored_at, seq) WHERE network_access_identifier IS NOT NULL;
COMMENT ON TABLE event IS 'Every event, once; partitioned by month of stored_at';
COMMENT ON COLUMN event.device_id IS 'The device the event belongs to';
COMMENT ON COLUMN event.stored_at IS 'The database''s clock at the commit''s start; decides the partition';
COMMENT ON COLUMN event.seq IS 'Order of insertion within one transaction';
COMMENT ON COLUMN event.xact IS 'The transaction that stored it; with seq the position in the feed';
COMMENT ON COLUMN event.digest IS 'What the event says; see event_identity';
COMMENT ON COLUMN event.kind IS 'connectivity, roaming, network-type, subscription or unrecognised';
COMMENT ON COLUMN event.name IS 'Event name: the last segment of the type';
COMMENT ON COLUMN event.type IS 'CloudEvents type or legacy eventType, as sent';
COMMENT ON COLUMN event.form IS 'cloudevents or legacy';
COMMENT ON COLUMN event.source IS 'CloudEvents source, as sent';
COMMENT ON COLUMN event.event_id IS 'The sender''s own id of the event';
COMMENT ON COLUMN event.subscription_id IS 'The subscription that caused the notification';
COMMENT ON COLUMN event.credential IS 'Name of the credential that sent it';
COMMENT ON COLUMN event.occurred_at IS 'The sender''s time of the event';
COMMENT ON COLUMN event.received_at IS 'Our clock when it first arrived';
COMMENT ON COLUMN event.phone_number IS 'As +digits';
COMMENT ON COLUMN event.network_access_identifier IS 'user@realm, the realm in lower case';
COMMENT ON COLUMN event.ipv4_public_address IS 'Public IPv4 address of the device or its NAT';
COMMENT ON COLUMN event.ipv4_private_address IS 'IPv4 address behind the NAT';
COMMENT ON COLUMN event.ipv4_public_port IS 'Public port, 1 to 65535';
COMMENT ON COLUMN event.ipv6_address IS 'IPv6 address of the device';
COMMENT ON COLUMN event.connectivity IS 'CONNECTED_DATA, CONNECTED_SMS, NOT_CONNECTED, or CONNECTED where it does not say';
COMMENT ON COLUMN event.roaming IS 'Whether the device roams';
COMMENT ON COLUMN event.country_code IS 'As sent: an MCC, from some senders a calling code';
COMMENT ON COLUMN event.country_name IS 'As sent: ISO 3166 alpha-2, or names';
COMMENT ON COLUMN event.connected_network_type IS '2G, 3G, 4G, 5G or UNKNOWN';
COMMENT ON COLUMN event.termination_reason IS 'Why the subscription ended';
COMMENT ON COLUMN event.initiation_reason IS 'Why the subscription started';
COMMENT ON COLUMN event.update_reason IS 'How the subscription changed';
COMMENT ON COLUMN event.findings IS 'What the sender got wrong, by name';
COMMENT ON COLUMN event.payload IS 'The notification, to the letter';
CREATE TABLE quarantine (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    credential TEXT NOT NULL,
    reason TEXT NOT NULL,
    media_type TEXT,
    headers JSONB NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT quarantine_pkey PRIMARY KEY (id)
);
CREATE INDEX quarantine_age ON quarantine (received_at);
COMMENT ON TABLE quarantine IS 'What an authenticated sender sent and we refused, kept for another look';
COMMENT ON COLUMN quarantine.id IS 'Order of refusal';
COMMENT ON COLUMN quarantine.received_at IS 'Our clock when it arrived';
COMMENT ON COLUMN quarantine.credential IS 'Name of the credential that sent it';
COMMENT ON COLUMN quarantine.reason IS 'What the sender was told';
COMMENT ON COLUMN quarantine.media_type IS 'Content-Type, as sent';
COMMENT ON COLUMN quarantine.headers IS 'Request headers, never Authorization';
COMMENT ON COLUMN quarantine.body IS 'The bytes, as received';
"""

NEW_INSTALLATION = "INSERT INTO installation DEFAULT VALUES"

REPORTING = """
CREATE SCHEMA reporting;
COMMENT ON SCHEMA reporting IS 'Documented views for analysts; granted to receiver_reporting';
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
JOIN event_identity USING (device_id, digest);
COMMENT ON VIEW reporting.event IS 'Every event once, with how often it was delivered';
COMMENT ON COLUMN reporting.event.event_id IS 'The id the REST interface gives the event';
COMMENT ON COLUMN reporting.event.device_id IS 'The id of the device; the same for every event of one phone number';
COMMENT ON COLUMN reporting.event.phone_number IS 'As +digits; null where the event did not carry one';
COMMENT ON COLUMN reporting.event.network_access_identifier IS 'As user@realm; null where the event did not carry one';
COMMENT ON COLUMN reporting.event.kind IS 'connectivity, roaming, network-type, subscription or unrecognised';
COMMENT ON COLUMN reporting.event.name IS 'Event name: the last segment of the type';
COMMENT ON COLUMN reporting.event.type IS 'CloudEvents type or legacy eventType, as sent';
COMMENT ON COLUMN reporting.event.form IS 'cloudevents or legacy';
COMMENT ON COLUMN reporting.event.source IS 'CloudEvents source, as sent';
COMMENT ON COLUMN reporting.event.sender_event_id IS 'The sender''s own id of the event';
COMMENT ON COLUMN reporting.event.subscription_id IS 'The subscription that caused the notification';
COMMENT ON COLUMN reporting.event.credential IS 'Name of the credential that sent it';
COMMENT ON COLUMN reporting.event.occurred_at IS 'The sender''s time of the event';
COMMENT ON COLUMN reporting.event.received_at IS 'Our clock when the event first arrived';
COMMENT ON COLUMN reporting.event.deliveries IS 'How often the sender delivered the event';
COMMENT ON COLUMN reporting.event.connectivity IS 'CONNECTED_DATA, CONNECTED_SMS, NOT_CONNECTED, or CONNECTED where it does not say';
COMMENT ON COLUMN reporting.event.roaming IS 'Whether the device roams';
COMMENT ON COLUMN reporting.event.country_code IS 'As sent: an MCC, from some senders a calling code';
COMMENT ON COLUMN reporting.event.country_name IS 'As sent: ISO 3166 alpha-2, or names';
COMMENT ON COLUMN reporting.event.connected_network_type IS '2G, 3G, 4G, 5G or UNKNOWN';
COMMENT ON COLUMN reporting.event.termination_reason IS 'Why the subscription ended';
COMMENT ON COLUMN reporting.event.findings IS 'What the sender got wrong, by name';
COMMENT ON COLUMN reporting.event.payload IS 'The notification as jsonb';
"""

# Roles belong to the cluster: another database may have made this one, even at this moment.
REPORTING_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'receiver_reporting') THEN
        CREATE ROLE receiver_reporting NOLOGIN;
    END IF;
EXCEPTION
    WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL;
END
$$
"""

REPORTING_ROLE_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'receiver_reporting')"

REPORTING_GRANTS = (
    "GRANT USAGE ON SCHEMA reporting TO receiver_reporting",
    "GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO receiver_reporting",
)


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(NEW_INSTALLATION)
    op.execute(REPORTING)
    op.execute(REPORTING_ROLE)
    grant_reports(op.get_bind(), *REPORTING_GRANTS)
    if not (is_printed(op.get_bind()) or op.get_bind().scalar(text(REPORTING_ROLE_EXISTS))):
        sys.stderr.write(
            "This login may not create roles. For psql reports an administrator runs:\n"
            "CREATE ROLE receiver_reporting NOLOGIN;\n"
            + "".join(f"{grant};\n" for grant in REPORTING_GRANTS)
        )


def downgrade() -> None:
    op.execute("DROP SCHEMA reporting CASCADE")
    op.execute("DROP TABLE quarantine, event, event_identity, credential, installation")
    op.execute("DROP SEQUENCE event_seq")
