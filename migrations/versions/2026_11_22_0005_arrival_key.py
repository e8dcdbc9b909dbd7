"""The key of `event` begins with the arrival, so that one index keys it and gives its order.

Its index is built anew while the table is locked: with many millions of events, minutes.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE event
    DROP CONSTRAINT event_pkey,
    ADD CONSTRAINT event_pkey PRIMARY KEY (stored_at, seq, device_id);
DROP INDEX event_arrival;
"""

DOWNGRADE = """
CREATE INDEX event_arrival ON event (stored_at, seq);
ALTER TABLE event
    DROP CONSTRAINT event_pkey,
    ADD CONSTRAINT event_pkey PRIMARY KEY (device_id, stored_at, seq);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
