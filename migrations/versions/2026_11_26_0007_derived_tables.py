"""The derived tables: registers, subscriptions, identifiers, and how far they are."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE projection (
    singleton BOOLEAN DEFAULT true NOT NULL CONSTRAINT projection_singleton CHECK (singleton),
    position TEXT NOT NULL,
    position_at TIMESTAMP WITH TIME ZONE NOT NULL,
    system_identifier BIGINT NOT NULL,
    epoch_at TIMESTAMP WITH TIME ZONE NOT NULL,
    derivation INTEGER NOT NULL,
    rebuilding INTEGER,
    rebuilt_below UUID,
    CONSTRAINT projection_pkey PRIMARY KEY (singleton)
);
CREATE TABLE device_status (
    device_id UUID NOT NULL,
    axis TEXT NOT NULL,
    value TEXT NOT NULL,
    country_code INTEGER,
    country_name TEXT[],
    effective_at TIMESTAMP WITH TIME ZONE NOT NULL,
    specificity SMALLINT NOT NULL,
    digest BYTEA NOT NULL,
    stored_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seq BIGINT NOT NULL,
    other_at TIMESTAMP WITH TIME ZONE NOT NULL,
    other_specificity SMALLINT NOT NULL,
    other_digest BYTEA NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT device_status_pkey PRIMARY KEY (device_id, axis)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX device_status_value ON device_status (axis, value, device_id);
CREATE TABLE subscription (
    device_id UUID NOT NULL,
    credential TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    strength SMALLINT NOT NULL,
    names INTEGER NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    end_digest BYTEA,
    end_reason TEXT,
    updated_at TIMESTAMP WITH TIME ZONE,
    update_digest BYTEA,
    update_reason TEXT,
    CONSTRAINT subscription_pkey PRIMARY KEY (device_id, credential, subscription_id)
) WITH (fillfactor = 90);
CREATE INDEX subscription_key ON subscription (credential, subscription_id);
CREATE TABLE device_identifier (
    device_id UUID NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    strength SMALLINT NOT NULL,
    CONSTRAINT device_identifier_pkey PRIMARY KEY (device_id, kind, value)
);
CREATE INDEX device_identifier_value ON device_identifier (kind, value);
"""
COMMENTS = """
COMMENT ON TABLE projection IS 'How far the derived tables are: one row';
COMMENT ON COLUMN projection.singleton IS 'Always true: the key that allows one row';
COMMENT ON COLUMN projection.position IS 'A pg_snapshot: all that it sees is derived';
COMMENT ON COLUMN projection.position_at IS 'When the position was current';
COMMENT ON COLUMN projection.system_identifier IS 'The cluster in which the position means something';
COMMENT ON COLUMN projection.epoch_at IS 'The feed reads events stored since; a rebuild derives the older ones';
COMMENT ON COLUMN projection.derivation IS 'The version of what all devices have; 0: none';
COMMENT ON COLUMN projection.rebuilding IS 'The version that a rebuild makes; null: there is none';
COMMENT ON COLUMN projection.rebuilt_below IS 'Devices below it are rebuilt; null: none is';
COMMENT ON TABLE device_status IS 'The registers: of each device and axis the event that decides';
COMMENT ON COLUMN device_status.device_id IS 'The device';
COMMENT ON COLUMN device_status.axis IS 'connectivity, roaming, country, network-type or seen';
COMMENT ON COLUMN device_status.value IS 'By the latest event; country: empty means at home';
COMMENT ON COLUMN device_status.country_code IS 'Axis country: as sent';
COMMENT ON COLUMN device_status.country_name IS 'Axis country: as sent';
COMMENT ON COLUMN device_status.effective_at IS 'When the latest event counts';
COMMENT ON COLUMN device_status.specificity IS 'Of events of one moment, the more specific one counts';
COMMENT ON COLUMN device_status.digest IS 'What the latest event says';
COMMENT ON COLUMN device_status.stored_at IS 'With seq and device the event''s key';
COMMENT ON COLUMN device_status.seq IS 'With stored_at and device the event''s key';
COMMENT ON COLUMN device_status.other_at IS 'When the latest event with another value counts; -infinity: there is none';
COMMENT ON COLUMN device_status.other_specificity IS 'Of that event';
COMMENT ON COLUMN device_status.other_digest IS 'Of that event';
COMMENT ON COLUMN device_status.first_at IS 'When the earliest event counts';
COMMENT ON TABLE subscription IS 'What the events of each subscription say about it';
COMMENT ON COLUMN subscription.device_id IS 'The device that its events report';
COMMENT ON COLUMN subscription.credential IS 'Name of the credential that sent them';
COMMENT ON COLUMN subscription.subscription_id IS 'As sent';
COMMENT ON COLUMN subscription.strength IS 'What identifies the device: 3 a phone number, 2 a network access identifier, 1 the subscription itself';
COMMENT ON COLUMN subscription.names IS 'The event names it told, a bit each';
COMMENT ON COLUMN subscription.first_at IS 'When its earliest event counts';
COMMENT ON COLUMN subscription.started_at IS 'When it said that it started';
COMMENT ON COLUMN subscription.ended_at IS 'When it said that it ended; null: it did not';
COMMENT ON COLUMN subscription.end_digest IS 'Of the event that said so';
COMMENT ON COLUMN subscription.end_reason IS 'Why it ended, as sent';
COMMENT ON COLUMN subscription.updated_at IS 'When it last said that it became active or inactive';
COMMENT ON COLUMN subscription.update_digest IS 'Of the event that said so';
COMMENT ON COLUMN subscription.update_reason IS 'What it said, as sent';
COMMENT ON TABLE device_identifier IS 'Which identifiers were reported with which device';
COMMENT ON COLUMN device_identifier.device_id IS 'The device whose event reported it';
COMMENT ON COLUMN device_identifier.kind IS 'phone-number or network-access-identifier';
COMMENT ON COLUMN device_identifier.value IS 'Normalised';
COMMENT ON COLUMN device_identifier.strength IS 'As in subscription';
"""

DOWNGRADE = "DROP TABLE device_identifier, subscription, device_status, projection"


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(COMMENTS)


def downgrade() -> None:
    op.execute(DOWNGRADE)
