"""Quarantined notifications are parsed again: what became of each, and one arrival id for it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE quarantine
    ADD COLUMN arrival_id UUID DEFAULT gen_random_uuid() NOT NULL,
    ADD COLUMN is_member BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN state TEXT DEFAULT 'refused' NOT NULL
        CONSTRAINT quarantine_state CHECK (state IN ('refused', 'stored')),
    ADD COLUMN reprocessed_at TIMESTAMP WITH TIME ZONE;
COMMENT ON COLUMN quarantine.reason IS 'Why it was refused, by the latest look';
COMMENT ON COLUMN quarantine.arrival_id IS 'The arrival it is stored as, so that reprocessing it twice counts once';
COMMENT ON COLUMN quarantine.is_member IS 'Whether the body is one member of a batch, and not all of it';
COMMENT ON COLUMN quarantine.state IS 'refused, or stored once reprocessing understood it';
COMMENT ON COLUMN quarantine.reprocessed_at IS 'When it was last parsed again; null: never';
"""

# What was kept before nobody wrote down: only a batch that is no array is known to be whole, and
# one that is no JSON is refused either way.
MEMBERS = """
UPDATE quarantine SET is_member = true
WHERE lower(btrim(split_part(media_type, ';', 1))) = 'application/cloudevents-batch+json'
    AND reason <> 'must be a JSON array'
"""

INDEXES = """
DROP INDEX quarantine_age;
CREATE INDEX quarantine_age ON quarantine (received_at, id);
CREATE INDEX quarantine_stored ON quarantine (id) WHERE state = 'stored';
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(MEMBERS)
    op.execute(INDEXES)


def downgrade() -> None:
    op.execute("DROP INDEX quarantine_age, quarantine_stored")
    op.execute("CREATE INDEX quarantine_age ON quarantine (received_at)")
    op.execute("COMMENT ON COLUMN quarantine.reason IS 'What the sender was told'")
    op.execute(
        "ALTER TABLE quarantine DROP COLUMN arrival_id, DROP COLUMN is_member, "
        "DROP COLUMN state, DROP COLUMN reprocessed_at"
    )
