"""The position of the feed may be a time instead of a snapshot."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UPGRADE = (
    """
ALTER TABLE projection
    ALTER COLUMN position DROP NOT NULL,
    ALTER COLUMN system_identifier DROP NOT NULL,
    ADD COLUMN derived_before TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT projection_one_position CHECK (num_nonnulls(position, derived_before) = 1)
""",
    "COMMENT ON COLUMN projection.position IS 'A pg_snapshot: all that it sees is derived; null: the position is a time'",
    "COMMENT ON COLUMN projection.system_identifier IS 'The cluster in which the snapshot means something; null: the position is a time'",
    "COMMENT ON COLUMN projection.epoch_at IS 'By a snapshot, the feed reads events stored since; a rebuild derives the older ones'",
    "COMMENT ON COLUMN projection.derived_before IS 'A time: what was stored before is derived; null: the position is a snapshot'",
)

# A time is no position for the older release: the position becomes one of no cluster, upon which it
# begins a new epoch and derives everything anew.
DOWNGRADE = (
    """
UPDATE projection
SET position = pg_current_snapshot()::text, system_identifier = 0, derived_before = NULL
WHERE position IS NULL
""",
    """
ALTER TABLE projection
    DROP COLUMN derived_before,
    ALTER COLUMN position SET NOT NULL,
    ALTER COLUMN system_identifier SET NOT NULL
""",
    "COMMENT ON COLUMN projection.position IS 'A pg_snapshot: all that it sees is derived'",
    "COMMENT ON COLUMN projection.system_identifier IS 'The cluster in which the position means something'",
    "COMMENT ON COLUMN projection.epoch_at IS 'The feed reads events stored since; a rebuild derives the older ones'",
)


def upgrade() -> None:
    for command in UPGRADE:
        op.execute(command)


def downgrade() -> None:
    for command in DOWNGRADE:
        op.execute(command)
