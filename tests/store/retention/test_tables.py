"""The tables of what dropped months said."""

from receiver.store.events.tables import event
from receiver.store.retention.tables import event_seed, retention, subscription_retired


def test_a_seed_has_the_columns_of_its_event() -> None:
    for column in event_seed.columns:
        if column.name == "decides_from":
            continue
        of_event = event.columns[column.name]
        assert (str(column.type), column.nullable) == (str(of_event.type), of_event.nullable)


def test_no_seed_has_a_payload() -> None:
    assert "payload" not in event_seed.columns


def test_every_table_and_column_has_a_comment() -> None:
    for table in (event_seed, retention, subscription_retired):
        assert table.comment
        assert all(column.comment for column in table.columns)
