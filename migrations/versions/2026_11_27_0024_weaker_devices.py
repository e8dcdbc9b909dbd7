"""An index of the devices that a subscription alone identifies, built beside the work of the service.

What shares a subscription with one of them may stand for another device, and nothing else may: to
find out takes a look into an index that is nearly empty.
"""

from alembic import op

from receiver.store.schema.building import build_concurrently

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEX = "subscription_weaker"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        build_concurrently(
            op.get_bind(), INDEX, "subscription", "(credential, subscription_id) WHERE strength = 1"
        )


def downgrade() -> None:
    op.execute(f"DROP INDEX {INDEX}")
