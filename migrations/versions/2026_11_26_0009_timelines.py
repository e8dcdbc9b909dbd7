"""The index of events whose time is not believed."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# As in 0008: on the parent alone, and then on each partition beside the work of the service.
AHEAD = """
CREATE INDEX IF NOT EXISTS event_ahead ON ONLY event (device_id, received_at)
WHERE occurred_at - received_at > interval '5 minutes'
"""
UNATTACHED = """
SELECT child.relname FROM pg_inherits AS partition
JOIN pg_class AS child ON child.oid = partition.inhrelid
WHERE partition.inhparent = 'event'::regclass AND NOT EXISTS (
    SELECT FROM pg_inherits AS attached
    JOIN pg_index ON indexrelid = attached.inhrelid
    WHERE attached.inhparent = 'event_ahead'::regclass AND indrelid = child.oid
)
ORDER BY child.relname
"""
AHEAD_OF_PARTITION = """
CREATE INDEX CONCURRENTLY {index} ON {partition} (device_id, received_at)
WHERE occurred_at - received_at > interval '5 minutes'
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '5s'")
        op.execute(AHEAD)
        for (partition,) in op.get_bind().exec_driver_sql(UNATTACHED).all():
            index = f"{partition}_ahead_idx"
            # What an earlier try left behind is not valid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
            op.execute(AHEAD_OF_PARTITION.format(index=index, partition=partition))
            op.execute(f"ALTER INDEX event_ahead ATTACH PARTITION {index}")
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX event_ahead")
