"""Reports find a device by what it reported, whether or not they name the kind of it.

The index begins with the kind; a server before Postgres 18 reads it by the value only below a kind.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OF_ANY_KIND = """
CREATE OR REPLACE VIEW reporting.device_identifier AS
SELECT
    device_id,
    kind,
    value
FROM device_identifier
"""
OF_EACH_KIND = """
CREATE OR REPLACE VIEW reporting.device_identifier AS
SELECT
    device_id,
    kind,
    value
FROM device_identifier
WHERE kind = 'phone-number'
UNION ALL
SELECT
    device_id,
    kind,
    value
FROM device_identifier
WHERE kind = 'network-access-identifier'
"""


def upgrade() -> None:
    op.execute(OF_EACH_KIND)


def downgrade() -> None:
    op.execute(OF_ANY_KIND)
