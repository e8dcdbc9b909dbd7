"""What the table of registrations promises."""

from receiver.store.subscriptions.tables import subscription_registration


def test_the_table_and_every_column_has_a_comment() -> None:
    assert subscription_registration.comment
    assert [column.name for column in subscription_registration.columns if not column.comment] == []
