"""The index of the feed."""

from alembic import op

from receiver.store.schema.building import build_index

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        build_index(op.get_bind(), "event_feed", "xact", "(xact)")


def downgrade() -> None:
    op.execute("DROP INDEX event_feed")
