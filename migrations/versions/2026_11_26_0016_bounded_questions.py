"""Indexes for questions that look at no more events than they answer with.

By an IPv4 address the port and the private address stand in the index, behind the order of a page;
an event that was stored long after its arrival is found beside the bounds of a time of arrival.
"""

from alembic import op

from receiver.store.schema.building import build_index

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ADDRESS = """(
    ipv4_public_address, occurred_at, stored_at, seq, ipv4_public_port, ipv4_private_address
) WHERE ipv4_public_address IS NOT NULL"""

DISPLACED = """(stored_at, seq) WHERE
    stored_at - received_at < interval '-1 minute' OR stored_at - received_at > interval '1 hour'
"""

ADDRESS_BEFORE = """(ipv4_public_address, occurred_at, stored_at, seq)
WHERE ipv4_public_address IS NOT NULL"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        build_index(connection, "event_ipv4_port_history", "ipv4_port_history", ADDRESS)
        build_index(connection, "event_displaced", "displaced", DISPLACED)
    op.execute("DROP INDEX event_ipv4_history")
    op.execute(
        "COMMENT ON COLUMN event.stored_at IS"
        " 'The database''s clock when it was stored; decides the partition'"
    )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        build_index(op.get_bind(), "event_ipv4_history", "ipv4_history", ADDRESS_BEFORE)
    op.execute("DROP INDEX event_ipv4_port_history")
    op.execute("DROP INDEX event_displaced")
    op.execute(
        "COMMENT ON COLUMN event.stored_at IS"
        " 'The database''s clock at the commit''s start; decides the partition'"
    )
