"""The table of erasures has no place for an identifier."""

from sqlalchemy import BigInteger

from receiver.store.erasure.tables import erasure


def test_every_column_has_a_comment() -> None:
    assert erasure.comment
    assert all(column.comment for column in erasure.columns)


def test_a_row_has_times_a_credential_and_numbers_alone() -> None:
    others = {column.name for column in erasure.columns if not isinstance(column.type, BigInteger)}
    assert others == {"id", "began_at", "ended_at", "credential"}
