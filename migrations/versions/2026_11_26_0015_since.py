"""A register knows since when its value holds, where no other value came late."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Null in the rows that are there: their events tell, until a rebuild or another value.
    op.execute("ALTER TABLE device_status ADD COLUMN since_at TIMESTAMP WITH TIME ZONE")
    op.execute(
        "COMMENT ON COLUMN device_status.since_at IS 'When the value began; null: the events tell,"
        " as another value came late'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE device_status DROP COLUMN since_at")
