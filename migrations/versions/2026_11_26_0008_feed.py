"""The index of the feed, built beside the work of the service, a partition at a time.

Each step stands by itself, so that a migration that was cut off goes on where it ended.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# On the parent alone: partitions made from now on have it at once. On all of them together it
# would stop the inserts for as long as it takes.
FEED = "CREATE INDEX IF NOT EXISTS event_feed ON ONLY event (xact)"
UNATTACHED = """
SELECT child.relname FROM pg_inherits AS partition
JOIN pg_class AS child ON child.oid = partition.inhrelid
WHERE partition.inhparent = 'event'::regclass AND NOT EXISTS (
    SELECT FROM pg_inherits AS attached
    JOIN pg_index ON indexrelid = attached.inhrelid
    WHERE attached.inhparent = 'event_feed'::regclass AND indrelid = child.oid
)
ORDER BY child.relname
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '5s'")
        op.execute(FEED)
        for (partition,) in op.get_bind().exec_driver_sql(UNATTACHED).all():
            index = f"{partition}_xact_idx"
            # What an earlier try left behind is not valid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
            op.execute(f"CREATE INDEX CONCURRENTLY {index} ON {partition} (xact)")
            op.execute(f"ALTER INDEX event_feed ATTACH PARTITION {index}")
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX event_feed")
