"""What is told: a value that says the same stays the same."""

from datetime import UTC, datetime

from receiver.simulator.told import Life, Told

AT = datetime(2026, 1, 5, tzinfo=UTC)


def test_what_is_told_twice_is_equal() -> None:
    one = Told("+99999991000", "s-1", AT, "roaming-off", {"roaming": False}, None)
    other = Told("+99999991000", "s-1", AT, "roaming-off", {"roaming": False}, None)
    assert one == other
    assert one != Told("+99999991000", "s-1", AT, "roaming-on", {"roaming": True}, None)


def test_a_life_is_a_word() -> None:
    assert [str(life) for life in Life] == ["started", "active", "inactive", "ended"]
