"""Erasures are counted: one row each, without any identifier."""

from alembic import op

from receiver.store.schema.commands import execute

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ERASURE = """
CREATE TABLE erasure (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    credential TEXT,
    devices BIGINT NOT NULL,
    events BIGINT DEFAULT 0 NOT NULL,
    identities BIGINT DEFAULT 0 NOT NULL,
    answers BIGINT DEFAULT 0 NOT NULL,
    seeds BIGINT DEFAULT 0 NOT NULL,
    counts BIGINT DEFAULT 0 NOT NULL,
    registrations BIGINT DEFAULT 0 NOT NULL,
    quarantined BIGINT DEFAULT 0 NOT NULL,
    spooled BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT erasure_pkey PRIMARY KEY (id)
)
"""

COMMENTS = (
    "COMMENT ON TABLE erasure IS 'Erasures of devices: when, by whom and how much; never of whom'",
    "COMMENT ON COLUMN erasure.id IS 'Of this erasure; also in the audit line'",
    "COMMENT ON COLUMN erasure.began_at IS 'When it began'",
    "COMMENT ON COLUMN erasure.ended_at IS 'When all was removed; null: it was cut off, and is to be asked for again'",
    "COMMENT ON COLUMN erasure.credential IS 'Name of the credential that asked; null: the command line'",
    "COMMENT ON COLUMN erasure.devices IS 'The device and what stood for it'",
    "COMMENT ON COLUMN erasure.events IS 'Removed from event'",
    "COMMENT ON COLUMN erasure.identities IS 'Removed from event_identity'",
    "COMMENT ON COLUMN erasure.answers IS 'Removed from device_status, subscription and device_identifier'",
    "COMMENT ON COLUMN erasure.seeds IS 'Removed from event_seed'",
    "COMMENT ON COLUMN erasure.counts IS 'Removed from subscription_retired'",
    "COMMENT ON COLUMN erasure.registrations IS 'Removed from subscription_registration'",
    "COMMENT ON COLUMN erasure.quarantined IS 'Removed from quarantine'",
    "COMMENT ON COLUMN erasure.spooled IS 'Taken out of the spool'",
)


def upgrade() -> None:
    for command in (ERASURE, *COMMENTS):
        execute(op.get_bind(), command)


def downgrade() -> None:
    op.execute("DROP TABLE erasure")
