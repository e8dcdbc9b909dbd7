"""Alembic's entry: runs on the connection it is handed, or on the one the settings name.

With `--sql` it prints the commands.
"""

from typing import Literal

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.sql.schema import SchemaItem

from receiver.errors import ConfigurationError
from receiver.settings.settings import Settings
from receiver.store.connections.engine import migration_engine
from receiver.store.credentials import tables as credential_tables
from receiver.store.derived import tables as derived_tables
from receiver.store.erasure import tables as erasure_tables
from receiver.store.events import tables as event_tables
from receiver.store.quarantine import tables as quarantine_tables
from receiver.store.retention import tables as retention_tables
from receiver.store.schema import installation
from receiver.store.schema.commands import LIMIT_WAIT
from receiver.store.schema.metadata import TransactionId, metadata
from receiver.store.schema.partitions import is_partition
from receiver.store.subscriptions import tables as subscription_tables


def include_object(
    _item: SchemaItem,
    name: str | None,
    type_: Literal[
        "schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint", "other"
    ]
    | str,
    _reflected: bool,
    _compare_to: SchemaItem | None,
) -> bool:
    """Monthly partitions are made by the service, not declared."""
    return not (type_ == "table" and name is not None and is_partition(name))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=include_object,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def print_commands() -> None:
    context.configure(
        dialect_name="postgresql",
        # A percent sign stands for itself.
        dialect_opts={"paramstyle": "named"},
        transaction_per_migration=True,
    )
    context.execute(LIMIT_WAIT)
    with context.begin_transaction():
        context.run_migrations()


def run_from_settings() -> None:
    conninfo = Settings.from_environment().direct_conninfo
    if conninfo is None:
        raise ConfigurationError("alembic needs DATABASE_URL; `receiver migrate` does without")
    with migration_engine(conninfo).connect() as connection:
        run(connection)


# The import of each module declares its tables.
DECLARED = (
    credential_tables,
    derived_tables,
    erasure_tables,
    event_tables,
    quarantine_tables,
    retention_tables,
    subscription_tables,
    installation,
)

# Reflection, which `alembic check` compares with, does not know the type by itself.
ischema_names["xid8"] = TransactionId

handed = context.config.attributes.get("connection")
if context.is_offline_mode():
    print_commands()
elif handed is None:
    run_from_settings()
else:
    run(handed)
