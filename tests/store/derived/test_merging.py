"""The merge of registers sets every column of a register but its key."""

from receiver.store.derived.merging import LATEST, MERGE_REGISTER
from receiver.store.derived.tables import device_status


def test_every_column_of_a_register_is_merged() -> None:
    _, _, assignments = MERGE_REGISTER.partition("DO UPDATE SET")
    others = "other_at, other_specificity, other_digest"
    for assigned in (f"({LATEST}) =", f"({others}) =", "first_at =", "since_at ="):
        assert assigned in assignments
    merged = {*LATEST.split(", "), *others.split(", "), "first_at", "since_at"}
    assert {column.name for column in device_status.columns} - {"device_id", "axis"} == merged
