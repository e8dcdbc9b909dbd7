"""The key of `event` begins with the arrival, so that one index keys it and gives its order.

Its index is built beside the work of the service; the change itself takes no time.
"""

from alembic import op

from receiver.store.schema.building import build_index, build_keys, change_key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = "(stored_at, seq, device_id)"
KEY_BEFORE = "(device_id, stored_at, seq)"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        build_keys(op.get_bind(), "arrival_key", KEY)
    change_key(op.get_bind(), "arrival_key", KEY)
    op.execute("DROP INDEX event_arrival")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        build_keys(op.get_bind(), "device_key", KEY_BEFORE)
        build_index(op.get_bind(), "event_arrival", "stored_at_seq", "(stored_at, seq)")
    change_key(op.get_bind(), "device_key", KEY_BEFORE)
