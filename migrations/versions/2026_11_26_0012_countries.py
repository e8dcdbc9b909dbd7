"""Indexes by which the fleet finds the devices of a country, built beside the work of the service.

The value of a register is the first name of a country, or its code where it has no name. These two
find the codes of countries with a name, and the names behind the first.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = {
    "device_status_country_code": "(country_code, device_id) WHERE country_code IS NOT NULL",
    "device_status_countries": "(device_id) WHERE cardinality(country_name) > 1",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = '5s'")
        for name, columns in INDEXES.items():
            # What an earlier try left behind is not valid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON device_status {columns}")
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
