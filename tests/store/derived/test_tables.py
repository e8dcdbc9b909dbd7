"""What the derived tables promise."""

from receiver.store.derived.tables import (
    device_identifier,
    device_status,
    projection,
    subscription,
)

KEYED_BY_DEVICE = (device_status, subscription, device_identifier)


def test_every_key_contains_the_device() -> None:
    """A table is distributed by device only if every unique key contains the device."""
    keys = {table.name: table.primary_key.columns.keys() for table in KEYED_BY_DEVICE}
    assert [name for name, columns in keys.items() if "device_id" not in columns] == []


def test_every_table_and_column_has_a_comment() -> None:
    for table in (projection, *KEYED_BY_DEVICE):
        assert table.comment
        assert [column.name for column in table.columns if not column.comment] == []
