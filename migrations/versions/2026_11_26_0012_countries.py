"""Indexes by which the fleet finds the devices of a country, built beside the work of the service.

The value of a register is the first name of a country, or its code where it has no name. These two
find the codes of countries with a name, and the names behind the first.
"""

from alembic import op

from receiver.store.schema.building import build_concurrently

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
        for name, columns in INDEXES.items():
            build_concurrently(op.get_bind(), name, "device_status", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
