"""An identity knows the time that the sender gave; earlier releases leave it null.

The release of this revision stores beside them. 0022 makes the time a part of the key.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE event_identity ADD COLUMN sent_at TIMESTAMP WITH TIME ZONE")
    op.execute(
        "COMMENT ON COLUMN event_identity.sent_at IS 'The time that the sender gave; -infinity: it"
        " gave none'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE event_identity DROP COLUMN sent_at")
